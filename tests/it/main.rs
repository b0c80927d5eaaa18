//! Everything that needs more than one module: one binary, so that it links once.
mod hostile;
mod sandbox_codec;
mod sandbox_contract;
mod sandbox_docker;
mod sandbox_driver;
