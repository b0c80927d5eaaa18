//! Lessons from files to a course, and every mistake an author can make.

mod loading;
mod mistakes;
mod plain;
