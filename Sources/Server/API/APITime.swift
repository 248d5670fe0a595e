import Model

/// Times as the API's parameters write them, for the command line that speaks the same language.
public enum APITime {
    /// Seconds since 1970 or RFC 3339, or nil.
    public static func moment(_ text: String) -> Timestamp? { Parameters.time(text) }

    /// Seconds or Prometheus's notation, or nil.
    public static func duration(_ text: String) -> Milliseconds? { Parameters.duration(text) }
}
