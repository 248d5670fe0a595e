#if canImport(Glibc)
    import Glibc
#endif

/// An exclusive hold on a storage directory, for as long as this lives or the process does.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    init(directory: String) throws {
        let path = directory + "/lock"
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        if opened < 0 { throw StorageFailure(path, systemMessage(errno)) }
        if flock(opened, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            close(opened)
            throw StorageFailure(
                path,
                code == EWOULDBLOCK
                    ? "another tocsin is running on this storage directory" : systemMessage(code),
                isHeldByAnother: code == EWOULDBLOCK)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}

func systemMessage(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}
