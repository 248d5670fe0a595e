import Model

/// `remote_write` and `remote_read`, checked as Prometheus does it.
enum RemoteSections {
    /// Headers that remote storage and tracing may not be sent.
    private static let reserved = Set(
        HTTPClientReader.reservedHeaders.subtracting([
            "Authorization", "X-Prometheus-Scrape-Timeout-Seconds",
        ]).map { $0.lowercased() })

    private static let writeKeys: [String: ValueSchema] = [
        "url": .url, "remote_timeout": .duration, "headers": .map(.secret), "name": .string,
        "send_exemplars": .bool, "send_native_histograms": .bool, "round_robin_dns": .bool,
        "failed_request_logging": .bool,
        "metadata_config": .object([
            "send": .bool, "send_interval": .duration, "max_samples_per_send": .int,
        ]),
        "google_iam": .object(["credentials_file": .string]),
    ]

    private static let readKeys: [String: ValueSchema] = [
        "url": .url, "remote_timeout": .duration, "chunked_read_limit": .int,
        "headers": .map(.secret), "read_recent": .bool, "name": .string,
        "required_matchers": .map(.string), "filter_external_labels": .bool,
    ]

    private static let authorizationHeader =
        "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter"

    private static let queueKeys: [String: ValueSchema] = [
        "batch_send_deadline": .duration, "retry_on_http_429": .bool,
        "sample_age_limit": .duration,
    ]

    /// One of `remote_write`; its name.
    static func write(_ keys: KeyedElement, _ global: GlobalConfiguration) -> String? {
        ValueSchema.check(keys, writeKeys)
        if !keys.has("url") { keys.error("url for remote_write is empty") }
        _ = RelabelReader.list(
            keys, "write_relabel_configs", empty: "relabeling rule in remote write config",
            global.nameValidation)
        headers(keys, authorization: authorizationHeader)
        if keys.has("protobuf_message"), let message = keys.string("protobuf_message"),
            !["prometheus.WriteRequest", "io.prometheus.write.v2.Request"].contains(message)
        {
            keys.error(
                at: "protobuf_message",
                "invalid protobuf_message value: unknown type for remote write protobuf message \(message), supported: prometheus.WriteRequest, io.prometheus.write.v2.Request"
            )
        }
        checkWays(keys, HTTPClientReader.read(keys))
        _ = keys.object("queue_config", queue)
        return keys.string("name") ?? ""
    }

    /// One way at most to say who asks.
    private static func checkWays(_ keys: KeyedElement, _ client: HTTPClientConfiguration) {
        let ways = [
            ("basic_auth", client.basicAuth != nil),
            ("authorization", client.authorization != nil), ("oauth2", client.oauth2 != nil),
            ("sigv4", keys.object("sigv4", AWSIdentity.init(signing:)) != nil),
            ("azuread", keys.object("azuread", AzureADSection.check) != nil),
            ("google_iam", keys["google_iam"]?.isNull == false),
        ].filter(\.1).map(\.0)
        if ways.count > 1 {
            keys.error(
                "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [\(ways.joined(separator: " "))]"
            )
        }
    }

    /// One of `remote_read`; its name.
    static func read(_ keys: KeyedElement) -> String? {
        ValueSchema.check(keys, readKeys)
        if !keys.has("url") { keys.error("url for remote_read is empty") }
        headers(keys, authorization: authorizationHeader)
        _ = HTTPClientReader.read(keys)
        return keys.string("name") ?? ""
    }

    private static func queue(_ keys: KeyedElement) -> Void? {
        ValueSchema.check(keys, queueKeys)
        var (capacity, maximum, minimum, samples) = (10_000, 50, 1, 2000)
        keys.int("capacity", &capacity)
        keys.int("max_shards", &maximum)
        keys.int("min_shards", &minimum)
        keys.int("max_samples_per_send", &samples)
        for (key, name, value) in [
            ("capacity", "capacity", capacity), ("max_shards", "max_shards", maximum),
            ("min_shards", "min_shards", minimum),
            ("max_samples_per_send", "max_samples_per_send", samples),
        ] where value <= 0 {
            keys.error(at: key, "remote write queue \(name) must be positive")
        }
        if minimum > maximum {
            keys.error("remote write queue min_shards must not be greater than max_shards")
        }
        var (least, most) = (Milliseconds(30), Milliseconds.seconds(5))
        keys.duration("min_backoff", &least)
        keys.duration("max_backoff", &most)
        if most < least {
            keys.error("remote write queue max_backoff must not be less than min_backoff")
        }
        return ()
    }

    /// `headers`, with what to say of `Authorization`.
    static func headers(_ keys: KeyedElement, authorization: String) {
        for entry in keys["headers"]?.entries() ?? [] {
            _ = entry.value.secret()
            let name = entry.key.lowercased()
            if name == "authorization" { entry.value.error(authorization) }
            if reserved.contains(name) {
                entry.value.error("\(entry.key) is a reserved header. It must not be changed")
            }
        }
    }
}
