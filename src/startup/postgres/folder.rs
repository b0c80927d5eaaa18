//! The folders, and the user who owns them.
use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::process::{getegid, geteuid};

use super::{EmbeddedError, io};

/// A Unix socket's path may have 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`, and `.lock` to a file beside it.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.5432.lock".len();

/// Who the server runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUser {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    /// We are root, and programs are started as this user.
    pub drop_to: bool,
}

impl ServerUser {
    /// Ourselves; when we are root, whoever owns the cluster, else the system user `postgres`.
    pub fn for_folder(data_dir: &Path) -> Result<Self, EmbeddedError> {
        if !geteuid().is_root() {
            let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
            return Ok(Self { name: format!("with id {uid}"), uid, gid, drop_to: false });
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let owner = fs::metadata(cluster_dir(data_dir)).map(|found| found.uid()).ok().filter(|uid| *uid != 0);
        system_user(&users, |name, uid| owner.map_or(name == "postgres", |owner| uid == owner))
            .ok_or(EmbeddedError::NoServerUser)
    }

    fn may_enter(&self, folder: &Metadata) -> bool {
        let needed = match () {
            () if folder.uid() == self.uid => 0o100,
            () if folder.gid() == self.gid => 0o010,
            () => 0o001,
        };
        folder.mode() & needed != 0
    }
}

/// The first user of `/etc/passwd` that is asked for.
fn system_user(users: &str, wanted: impl Fn(&str, u32) -> bool) -> Option<ServerUser> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, uid, gid) = (fields.next()?, fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        wanted(name, uid).then(|| ServerUser { name: name.to_owned(), uid, gid, drop_to: true })
    })
}

/// The cluster's own folder.
pub fn cluster_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres")
}

/// Where the server and `initdb` write what they have to say.
pub fn log_file(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres.log")
}

/// The version that made the cluster, if there is one.
pub fn version_of(data_dir: &Path) -> Option<u32> {
    fs::read_to_string(cluster_dir(data_dir).join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Makes the data folder, and lets the server's user through it; the full path comes back.
pub fn prepare(data_dir: &Path, user: &ServerUser) -> Result<PathBuf, EmbeddedError> {
    if !data_dir.is_dir() {
        DirBuilder::new().recursive(true).mode(0o755).create(data_dir).map_err(io("make the folder", data_dir))?;
        fs::set_permissions(data_dir, Permissions::from_mode(0o700)).map_err(io("close the folder", data_dir))?;
    }
    let data_dir = fs::canonicalize(data_dir).map_err(io("find", data_dir))?;
    if user.drop_to {
        let_through(&data_dir, user)?;
    }
    Ok(data_dir)
}

/// The data folder is root's. The server's group may enter it and see nothing else in it; the folders above are
/// not ours to change.
fn let_through(data_dir: &Path, user: &ServerUser) -> Result<(), EmbeddedError> {
    let found = fs::metadata(data_dir).map_err(io("read", data_dir))?;
    if !user.may_enter(&found) && found.uid() == 0 {
        chown(data_dir, None, Some(user.gid)).map_err(io("change the group of", data_dir))?;
        let mode = (found.mode() & 0o7707) | 0o010;
        fs::set_permissions(data_dir, Permissions::from_mode(mode)).map_err(io("open for the group", data_dir))?;
    }
    for folder in data_dir.ancestors() {
        let found = fs::metadata(folder).map_err(io("read", folder))?;
        if !user.may_enter(&found) {
            return Err(EmbeddedError::Unreachable { user: user.name.clone(), blocked: folder.to_owned() });
        }
    }
    Ok(())
}

/// Makes an empty folder that only the server's user may enter.
pub fn make_private(folder: &Path, user: &ServerUser) -> Result<(), EmbeddedError> {
    DirBuilder::new().mode(0o700).create(folder).map_err(io("make the folder", folder))?;
    if user.drop_to {
        chown(folder, Some(user.uid), Some(user.gid)).map_err(io("hand over", folder))?;
    }
    Ok(())
}

/// A private folder for the socket, below the data folder if the path is short enough for a socket.
///
/// Connections are trusted there, so a folder that someone else made or may enter is refused.
pub fn socket_dir(data_dir: &Path, user: &ServerUser) -> Result<PathBuf, EmbeddedError> {
    let near = data_dir.join("postgres.socket");
    let folder = if near.as_os_str().as_bytes().len() <= LONGEST_SOCKET_FOLDER {
        near
    } else {
        let mut hasher = DefaultHasher::new();
        data_dir.hash(&mut hasher);
        PathBuf::from(format!("/tmp/athanor-{}-{:016x}", user.uid, hasher.finish()))
    };
    match fs::symlink_metadata(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_private(&folder, user)?,
        Err(error) => return Err(io("read", &folder)(error)),
        Ok(found) if found.is_dir() && found.uid() == user.uid && found.mode() & 0o077 == 0 => {}
        Ok(_) => return Err(EmbeddedError::OpenSocketFolder { path: folder }),
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_user_is_found_by_name_or_by_id() {
        let users = "root:x:0:0:root:/root:/bin/bash\n\nbroken\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";
        let by_name = system_user(users, |name, _| name == "postgres");
        assert_eq!(by_name.as_ref().map(|user| (user.uid, user.gid)), Some((101, 104)));
        assert_eq!(system_user(users, |_, uid| uid == 101), by_name);
        assert_eq!(system_user(users, |name, _| name == "nobody"), None);
    }
}
