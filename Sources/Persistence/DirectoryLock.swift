#if canImport(Glibc)
    import Glibc
#endif

/// An exclusive hold on a storage directory, for as long as this lives or the process does.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    init(directory: String) throws {
        let path = directory + "/lock"
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        if opened < 0 { throw StorageFailure(path, systemError: errno) }
        if flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            close(opened)
            if code == EWOULDBLOCK {
                throw StorageFailure(
                    path, "another tocsin is running on this storage directory", .mistake)
            }
            throw StorageFailure(path, systemError: code)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}

extension StorageFailure {
    /// A refusal of the operating system. Only those that say that the disk is full or broken, or that
    /// the machine is out of something, are no mistake.
    init(_ path: String, _ what: String = "", systemError code: Int32) {
        let message = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        let reason = what.isEmpty ? message : "\(what): \(message)"
        switch code {
        case EACCES, EPERM, EROFS, ENOTDIR, EISDIR, ENOENT, ELOOP, ENAMETOOLONG, EINVAL:
            self.init(path, reason, .mistake)
        default: self.init(path, reason, .disk)
        }
    }
}
