/// What this program is, and what it speaks.
public enum BuildInformation {
    /// Tocsin's own version.
    public static let version = "0.2.0"
    /// The version of Prometheus whose API and language clients may expect: data sources choose by it
    /// what they ask.
    public static let prometheusVersion = "3.12.0"
    /// The version of Alertmanager whose API is spoken.
    public static let alertmanagerVersion = "0.32.0"
}
