import Model

/// The services of a small company that is about to have a bad morning: counters and gauges that move
/// as a function of time, with incidents at fixed moments. A pure value; whoever owns it moves it.
struct LynexModel {
    /// What one service exposes.
    enum Service: CaseIterable {
        case ingest, backend, processor, clickhouse
    }

    /// What goes wrong, in seconds after the start.
    enum Incident {
        static let clickhouseDown = 60.0..<420
        static let eventErrors = 240.0..<1200
        static let slowEvents = 300.0..<1500
        static let backlog = 300.0..<2400
        static let modelErrors = 900.0..<2100
        static let archiveErrors = 1200.0..<9000
        static let costSpike = 1500.0..<9000
    }

    /// What a counter or a histogram is told from others by.
    private struct Key: Hashable {
        let family: String
        let labels: Labels
    }

    /// The moment that the incidents are counted from.
    let start: Timestamp
    private(set) var now: Timestamp
    private var counters: [Key: Double] = [:]
    private var histograms: [Key: MetricFamily.Histogram] = [:]
    private var queueDepth = 120.0
    private var noise: UInt64 = 0x9e37_79b9_7f4a_7c15

    private static let projects = (1...6).map { "proj-\($0)" }
    private static let models = ["gpt-4", "claude-3", "llama-3"]
    private static let bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// The longest stretch that is simulated at once; a longer gap is skipped.
    private static let maximumGap = 3600.0

    init(start: Timestamp) {
        self.start = start
        now = start
    }

    /// The same counters, with the incidents still to come, counted from `moment`.
    func restarted(at moment: Timestamp) -> LynexModel {
        var model = LynexModel(start: moment)
        model.counters = counters
        model.histograms = histograms
        model.noise = noise
        return model
    }

    private var elapsed: Double { Double((now - start).value) / 1000 }

    /// Whether ClickHouse answers.
    var clickhouseIsUp: Bool { !Incident.clickhouseDown.contains(elapsed) }

    /// Moves on to `moment`, a second at a time.
    mutating func advance(to moment: Timestamp) {
        if (moment - now).inSeconds > LynexModel.maximumGap {
            now = moment - Milliseconds(Int64(LynexModel.maximumGap * 1000))
        }
        while now + .seconds(1) <= moment {
            now = now + .seconds(1)
            second()
        }
    }

    private mutating func second() {
        for (index, project) in LynexModel.projects.enumerated() {
            events(project, rate: 12 + 4 * Double(index))
        }
        for model in LynexModel.models { calls(model) }
        let backlogged = Incident.backlog.contains(elapsed)
        queueDepth =
            backlogged
            ? min(queueDepth + 60, 42_000) : max(80 + 60 * random(), queueDepth - 300)
        archive()
        backend()
    }

    private mutating func events(_ project: String, rate: Double) {
        let failing = Incident.eventErrors.contains(elapsed) && project == "proj-3"
        let arrived = rate * (0.8 + 0.4 * random())
        add(
            "lynex_ingest_events_received_total", ["event_type": "log", "project_id": project],
            arrived)
        add(
            "lynex_ingest_events_queued_total", ["project_id": project, "status": "success"],
            arrived)
        add(
            "lynex_events_processed_total", ["project_id": project, "status": "success"],
            failing ? arrived * 0.2 : arrived)
        add(
            "lynex_events_processed_total", ["project_id": project, "status": "error"],
            failing ? 14 + 2 * random() : 0.02 * random())
        let slow = Incident.slowEvents.contains(elapsed)
        observe(
            "lynex_event_processing_duration_seconds", [:],
            value: slow ? 4 + 8 * random() : 0.05 + 0.4 * random(), weight: arrived)
        let spends = Incident.costSpike.contains(elapsed) && project == "proj-5"
        add(
            "lynex_cost_usd_total", ["model": "gpt-4", "project_id": project],
            spends ? 240 + 20 * random() : 0.01 * random())
    }

    private mutating func calls(_ model: String) {
        let failing = Incident.modelErrors.contains(elapsed) && model == "claude-3"
        add("lynex_model_requests_total", ["model": model, "status": "success"], 8 * random())
        add(
            "lynex_model_errors_total", ["error_type": "timeout", "model": model],
            failing ? 7 + 3 * random() : 0.01 * random())
        observe(
            "lynex_model_latency_seconds", ["model": model], value: 0.3 + random(), weight: 4)
    }

    private mutating func archive() {
        let failing = Incident.archiveErrors.contains(elapsed)
        add("lynex_events_archived_total", ["status": "success"], failing ? 1 : 90)
        add("lynex_events_archived_total", ["status": "error"], failing ? 0.5 : 0)
    }

    private mutating func backend() {
        add(
            "lynex_ui_api_requests_total", ["endpoint": "/api/v1/events", "status_code": "200"],
            20 * random())
        add("lynex_ui_cache_operations_total", ["operation": "hit"], 30 * random())
        add("lynex_ui_cache_operations_total", ["operation": "miss"], 5 * random())
        observe(
            "lynex_ui_query_latency_seconds", ["query_type": "events"],
            value: 0.1 + 0.3 * random(), weight: 6)
    }

    private mutating func add(
        _ family: String, _ labels: KeyValuePairs<String, String>, _ amount: Double
    ) {
        counters[Key(family: family, labels: Labels(labels)), default: 0] += amount
    }

    private mutating func observe(
        _ family: String, _ labels: KeyValuePairs<String, String>, value: Double, weight: Double
    ) {
        let key = Key(family: family, labels: Labels(labels))
        histograms[key, default: MetricFamily.Histogram(bounds: LynexModel.bounds)]
            .observe(value, weight: weight)
    }

    /// xorshift64: the same morning every time.
    private mutating func random() -> Double {
        noise ^= noise << 13
        noise ^= noise >> 7
        noise ^= noise << 17
        return Double(noise >> 11) / 9_007_199_254_740_992
    }

    /// What the service measures now, in the order of names.
    func families(of service: Service) -> [MetricFamily] {
        let prefixes: [String]
        switch service {
        case .ingest: prefixes = ["lynex_ingest_"]
        case .backend: prefixes = ["lynex_ui_"]
        case .processor: prefixes = ["lynex_event", "lynex_cost_", "lynex_model_"]
        case .clickhouse: return clickhouse()
        }
        var families: [String: MetricFamily] = [:]
        func add(_ key: Key, _ kind: MetricFamily.Kind, _ value: MetricFamily.Value) {
            guard prefixes.contains(where: { key.family.hasPrefix($0) }) else { return }
            families[key.family, default: MetricFamily(name: key.family, kind: kind)].points
                .append(MetricFamily.Point(labels: key.labels, value: value))
        }
        for (key, value) in counters { add(key, .counter, .number(value.rounded())) }
        for (key, value) in histograms { add(key, .histogram, .histogram(value)) }
        let depths = ["lynex_event_queue_depth": 1.0, "lynex_ingest_queue_depth": 3]
        for (name, divisor) in depths {
            add(
                Key(family: name, labels: .empty), .gauge,
                .number((queueDepth / divisor).rounded()))
        }
        return families.values.sorted { $0.name < $1.name }
    }

    private func clickhouse() -> [MetricFamily] {
        [
            .gauge("ClickHouseMetrics_Query", 3),
            .gauge("ClickHouseAsyncMetrics_Uptime", elapsed.rounded()),
        ]
    }
}
