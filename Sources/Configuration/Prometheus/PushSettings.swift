import Model

/// `tocsin.push`: what others may push to us.
public struct PushSettings: Sendable, Hashable {
    /// `enabled`: everything below, Pushgateway's API too.
    public var isEnabled = false
    /// Prometheus's flag `--web.enable-remote-write-receiver`: remote write alone.
    public var enablesRemoteWrite = false
    /// Prometheus's flag `--web.enable-otlp-receiver`: OTLP alone.
    public var enablesOTLP = false
    /// `insecure`: whether push is allowed on an address that others than this machine reach.
    public var isInsecure = false
    /// `interval`: how often the last values are committed; nil: the global scrape interval.
    public var interval: Milliseconds?
    /// `expire_after`: how long a group lives without a push; nil: until it is deleted.
    public var expireAfter: Milliseconds?
    /// `enable_admin_api`: whether all groups can be wiped at once.
    public var enablesAdminAPI = false
    /// `max_body_size`: bytes of a body, compressed or not.
    public var maximumBodySize = 16 << 20
    /// `max_groups`.
    public var maximumGroups = 10_000
    /// `max_series_per_group`.
    public var maximumSeriesPerGroup = 20_000
    /// `max_series`: series of all groups together.
    public var maximumSeries = 200_000
    /// `max_size`: bytes of all groups together, as they are stored.
    public var maximumSize = 64 << 20
    /// `label_limit`: labels of a series.
    public var maximumLabels = 100
    /// `label_name_length_limit`, in bytes.
    public var maximumLabelNameLength = 512
    /// `label_value_length_limit`, in bytes.
    public var maximumLabelValueLength = 4096

    /// `max_series_per_request`: series of a remote write request, or of an OTLP one.
    public var maximumSeriesPerRequest = 20_000
    /// `max_samples_per_request`: samples, histograms and exemplars of one, together.
    public var maximumSamplesPerRequest = 200_000
    /// `max_buckets_per_histogram`: buckets, and spans of them, of each side of a native histogram.
    public var maximumBucketsPerHistogram = 10_000
    /// `max_series_per_sender`: different series that one address writes within an hour.
    public var maximumSeriesPerSender = 200_000
    /// `max_senders`: addresses that write within an hour.
    public var maximumSenders = 1000
    /// `max_metadata`: metrics whose type, help and unit are kept for remote write and OTLP.
    public var maximumMetadata = 10_000

    /// The defaults: push is off.
    public init() {}

    /// Whether remote write is taken.
    public var takesRemoteWrite: Bool { isEnabled || enablesRemoteWrite }
    /// Whether OTLP is taken.
    public var takesOTLP: Bool { isEnabled || enablesOTLP }

    /// Why push must not be on at an address, and what to do; nil where it may.
    public func refusal(listeningOn address: String) -> String? {
        let isOn = takesRemoteWrite || takesOTLP
        if !isOn || isInsecure || PushSettings.isLoopback(address) { return nil }
        return """
            whoever reaches \(address.goQuoted) could push: listen on a loopback address \
            (web.listen_address), or set push.insecure: true where the network is trusted
            """
    }

    private static func isLoopback(_ address: String) -> Bool {
        let host = address.utf8.lastIndex(of: UInt8(ascii: ":")).map { address[..<$0] } ?? ""
        if ["localhost", "[::1]"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Reads `tocsin.push`.
enum PushSettingsReader {
    static func read(_ keys: KeyedElement) -> PushSettings? {
        var push = PushSettings()
        keys.bool("enabled", &push.isEnabled)
        keys.bool("insecure", &push.isInsecure)
        keys.bool("enable_admin_api", &push.enablesAdminAPI)
        push.interval = duration(keys, "interval")
        push.expireAfter = duration(keys, "expire_after")
        size(keys, "max_body_size", &push.maximumBodySize)
        size(keys, "max_size", &push.maximumSize)
        count(keys, "max_groups", &push.maximumGroups)
        count(keys, "max_series_per_group", &push.maximumSeriesPerGroup)
        count(keys, "max_series", &push.maximumSeries)
        count(keys, "max_series_per_request", &push.maximumSeriesPerRequest)
        count(keys, "max_samples_per_request", &push.maximumSamplesPerRequest)
        count(keys, "max_buckets_per_histogram", &push.maximumBucketsPerHistogram)
        count(keys, "max_series_per_sender", &push.maximumSeriesPerSender)
        count(keys, "max_senders", &push.maximumSenders)
        count(keys, "max_metadata", &push.maximumMetadata)
        count(keys, "label_limit", &push.maximumLabels)
        count(keys, "label_name_length_limit", &push.maximumLabelNameLength)
        count(keys, "label_value_length_limit", &push.maximumLabelValueLength)
        return push
    }

    private static func duration(_ keys: KeyedElement, _ key: String) -> Milliseconds? {
        let duration = keys.duration(key)
        if let duration, duration <= .zero {
            keys.error(at: key, "expected a duration greater than 0")
        }
        return duration
    }

    /// A size that bodies are counted by: at most 1 GiB, so that sums of it cannot overflow.
    private static func size(_ keys: KeyedElement, _ key: String, _ value: inout Int) {
        guard keys.has(key), let bytes = keys[key]?.size() else { return }
        if !(1...(1 << 30)).contains(bytes) {
            keys.error(at: key, "expected a size from 1B to 1GiB")
        }
        value = Int(clamping: bytes)
    }

    private static func count(_ keys: KeyedElement, _ key: String, _ value: inout Int) {
        keys.int(key, &value)
        if value < 1 { keys.error(at: key, "expected a number greater than 0") }
    }
}
