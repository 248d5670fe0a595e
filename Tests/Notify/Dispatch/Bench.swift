import Configuration
import Model
import Notify

/// A notifier on a clock that the test moves, with rows that survive it and receivers that answer as
/// the test says. Times are seconds from an arbitrary start.
struct Bench {
    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    static func time(_ seconds: Int64) -> Timestamp { start + .seconds(seconds) }

    var setup: NotifierSetup
    var notifier: Notifier
    var rows: [StateChange.Table: [String: [UInt8]]] = [:]
    /// Nothing happens before it.
    private var now = Bench.start
    /// What was sent, as `SECONDS RECEIVER/KIND +FIRING -RESOLVED`.
    var sent: [String] = []
    /// What the receivers took, in the same words.
    var delivered: [String] = []
    /// How an attempt ends.
    var answer: @Sendable (Delivery, Int64) -> DeliveryOutcome = { _, _ in .delivered() }

    /// By default: everything to `main` with one Slack, waits of 30 s, 5 min and 4 h.
    init(
        _ route: RouteConfiguration = Bench.route("main"),
        receivers: [String: [NotifierSetup.IntegrationInfo]] = ["main": [Bench.slack]],
        muting: Muting = Muting(), maximumAge: Milliseconds = NotificationSettings().maximumAge
    ) {
        setup = NotifierSetup(
            routes: RouteTree(route), receivers: receivers, muting: muting,
            externalURL: "http://tocsin", maximumAge: maximumAge)
        notifier = Notifier(setup)
    }

    static let slack = NotifierSetup.IntegrationInfo(name: "slack", index: 0, sendResolved: true)
    static let mail = NotifierSetup.IntegrationInfo(name: "email", index: 0, sendResolved: false)
    static let pager = NotifierSetup.IntegrationInfo(
        name: "pagerduty", index: 0, sendResolved: true)

    static func route(
        _ receiver: String?, _ matchers: [Matcher] = [], continues: Bool = false,
        routes: [RouteConfiguration] = []
    ) -> RouteConfiguration {
        var route = RouteConfiguration(receiver: receiver)
        route.matchers = matchers
        route.continues = continues
        route.routes = routes
        return route
    }

    // MARK: Alerts

    static func alert(
        _ name: String, _ more: [Label] = [], since: Int64, until: Int64? = nil, at seconds: Int64
    ) -> Alert {
        Alert(
            labels: Labels([Label("alertname", name)] + more),
            annotations: Annotations(["summary": "\(name) is wrong"]), startsAt: time(since),
            endsAt: until.map(time), updatedAt: time(seconds))
    }

    mutating func fire(_ name: String, _ more: [Label] = [], since: Int64? = nil, at s: Int64) {
        receive([Bench.alert(name, more, since: since ?? s, at: s)], at: s)
    }

    mutating func resolve(_ name: String, _ more: [Label] = [], since: Int64 = 0, at s: Int64) {
        receive([Bench.alert(name, more, since: since, until: s, at: s)], at: s)
    }

    mutating func receive(_ alerts: [Alert], at seconds: Int64) {
        run(to: seconds)
        save(notifier.receive(alerts, at: Bench.time(seconds)))
    }

    // MARK: Time

    /// Does all that is due up to the moment, each thing at its own time.
    mutating func run(to seconds: Int64) {
        while let wake = notifier.nextWake, wake <= Bench.time(seconds) {
            now = max(now, wake)
            for delivery in begin(at: now) { end(delivery, at: now) }
        }
        now = max(now, Bench.time(seconds))
    }

    /// Begins what is due and leaves it under way.
    mutating func begin(at moment: Timestamp) -> [Delivery] {
        let (deliveries, changes) = notifier.step(at: moment)
        save(changes)
        for delivery in deliveries { sent.append(words(delivery, at: moment)) }
        return deliveries
    }

    mutating func end(_ delivery: Delivery, at moment: Timestamp) {
        end(delivery, answer(delivery, (moment - Bench.start).value / 1000), at: moment)
    }

    @discardableResult
    mutating func end(_ delivery: Delivery, _ outcome: DeliveryOutcome, at moment: Timestamp)
        -> DeliveryReport
    {
        if case .delivered = outcome { delivered.append(words(delivery, at: moment)) }
        let (changes, report) = notifier.finish(delivery, outcome, at: moment)
        save(changes)
        return report
    }

    private func words(_ delivery: Delivery, at moment: Timestamp) -> String {
        let seconds = (moment - Bench.start).value / 1000
        let firing = delivery.data.firing.map { "+" + $0.name }
        let resolved = delivery.data.resolved.map { "-" + $0.name }
        let alerts = (firing + resolved).joined(separator: " ")
        return "\(seconds) \(delivery.key.receiver)/\(delivery.key.integration) \(alerts)"
    }

    // MARK: Rows

    mutating func save(_ changes: [StateChange]) {
        for change in changes { rows[change.table, default: [:]][change.key] = change.value }
    }

    /// A new process with the rows of the old one.
    mutating func restart(at seconds: Int64) {
        let (restored, changes) = Notifier.restored(setup, from: rows, at: Bench.time(seconds))
        notifier = restored
        now = Bench.time(seconds)
        save(changes)
    }

    mutating func reconfigure(
        _ route: RouteConfiguration, receivers: [String: [NotifierSetup.IntegrationInfo]]? = nil,
        at seconds: Int64
    ) {
        setup.routes = RouteTree(route)
        if let receivers { setup.receivers = receivers }
        save(notifier.reconfigure(setup, at: Bench.time(seconds)))
    }

    /// The names of the tables that hold rows.
    var occupied: Set<String> { Set(rows.filter { !$0.value.isEmpty }.map(\.key.rawValue)) }
}
