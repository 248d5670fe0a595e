#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Addresses of hosts, as the C library reads them.
public enum IPAddress {
    /// Whether it is an address of version 4.
    public static func isVersion4(_ text: String) -> Bool {
        var address = in_addr()
        // It reads the text up to its end, and writes one address.
        return unsafe inet_pton(AF_INET, text, &address) == 1
    }

    /// Whether it is an address of version 6.
    public static func isVersion6(_ text: String) -> Bool {
        var address = in6_addr()
        // As above.
        return unsafe inet_pton(AF_INET6, text, &address) == 1
    }
}
