import Foundation
import TestSupport

/// What the daemon is put through: units that break and heal, alerts and silences of others, and
/// receivers in changing moods. Each call of `step` lets a little more happen.
actor ChaosWorld {
    let receivers: [ChaosReceiver]
    /// What is silenced from the start, and broken all along.
    static let silenced = "Muted 0"

    private let ledger: ChaosLedger
    private let trigger: ChaosTrigger
    private let client: HTTPClient
    private let service: Service
    private var random: SeededRandom
    private var units: [Unit]
    private var silences: [Silence] = []
    private var isCalm = false

    /// Something that has incidents, one after the other.
    private struct Unit {
        enum Kind: String {
            /// Goes on once every receiver has acknowledged.
            case steady = "Steady"
            /// The same, behind a `for`.
            case held = "Held"
            /// Breaks and heals as it likes.
            case flapping = "Flapper"
            /// Is posted to the API.
            case outside = "Theirs"
            /// Is silenced.
            case muted = "Muted"
        }

        enum State {
            case well
            case broken
            case healing
        }

        let kind: Kind
        let number: Int
        var state = State.well
        var incident = 0
        /// Outside alerts: the daemon has not accepted yet what it was posted.
        var isUnsaid = false
        var startsAt = ""

        var subject: String { "\(kind.rawValue) \(number)" }
        var isOwed: Bool { kind != .flapping && kind != .muted }
    }

    /// A silence that the daemon has accepted.
    private struct Silence {
        let id: String
        /// Nil where the answer to its end did not come: it may be either.
        var isExpired: Bool?
    }

    init(
        _ ledger: ChaosLedger, _ trigger: ChaosTrigger, receivers: [ChaosReceiver], port: Int,
        seed: UInt64
    ) throws {
        (self.ledger, self.trigger, self.receivers) = (ledger, trigger, receivers)
        client = HTTPClient(port: port)
        service = try Service("")
        random = SeededRandom(seed: seed)
        let kinds: [(Unit.Kind, Int)] = [
            (.steady, 5), (.held, 3), (.flapping, 4), (.outside, 3), (.muted, 1),
        ]
        units = kinds.flatMap { kind, count in
            (0..<count).map { Unit(kind: kind, number: $0) }
        }
        if let muted = units.indices.last {
            units[muted].state = .broken
            units[muted].incident = 1
        }
        service.show(ChaosWorld.exposition(units))
    }

    nonisolated func writeConfiguration(_ workspace: Workspace, storage: String) throws {
        try Scene.writeConfiguration(
            workspace, [Scene.job("app", service.address)], storage: storage)
        let rules = ["Steady", "Held", "Flapper", "Muted"].map { kind in
            """
              - alert: \(kind)
                expr: last_over_time(unit_broken{kind="\(kind)"}[5m]) > 0
                for: \(kind == "Held" ? "600ms" : "0s")
                annotations: {incident: "{{ $value }}"}

            """
        }
        try Scene.writeRules(workspace, rules)
    }

    /// The receivers as one run of the daemon sees them: its number is part of their addresses.
    nonisolated func writeNotifiers(_ workspace: Workspace, run: Int) throws {
        let routes = receivers.map { receiver in
            """
                - receiver: \(receiver.name)
                  continue: true
                  routes:
                    - {matchers: [alertname="Flapper"], group_by: [alertname, unit]}

            """
        }
        let list = receivers.map {
            "  - name: \($0.name)\n    \(Scene.webhook($0.url(run: run)))\n"
        }
        try workspace.write(
            "notifiers.yml",
            """
            route:
              receiver: \(receivers.first?.name ?? "")
              group_by: [alertname]
              group_wait: 100ms
              group_interval: 500ms
              repeat_interval: 4h
              routes:
            \(routes.joined())
            receivers:
            \(list.joined())
            """)
    }

    private static func exposition(_ units: [Unit]) -> String {
        units.filter { $0.kind != .outside }.map { unit in
            let value = unit.state == .broken ? unit.incident : 0
            return "unit_broken{kind=\"\(unit.kind.rawValue)\",unit=\"\(unit.number)\"} \(value)\n"
        }.joined()
    }

    // MARK: Incidents

    /// No new incident, no more moods: everything comes to its end.
    func calmDown() {
        isCalm = true
        for receiver in receivers { receiver.set(.willing) }
    }

    /// Whether every unit is well and everybody knows.
    var isSettled: Bool {
        units.allSatisfy { unit in
            if unit.kind == .muted { return true }
            guard unit.state == .well, !unit.isUnsaid else { return false }
            return receivers.allSatisfy {
                !(ledger.heard(unit.subject, at: $0.name)?.isFiring ?? false)
            }
        }
    }

    /// What keeps it from being settled.
    var unsettled: String {
        units.filter { $0.kind != .muted }.compactMap { unit -> String? in
            let heard = receivers.map { receiver -> String in
                guard let said = ledger.heard(unit.subject, at: receiver.name) else { return "-" }
                return "\(said.incident) \(said.isFiring ? "firing" : "resolved")"
            }
            if unit.state == .well, !heard.contains(where: { $0.hasSuffix("firing") }) {
                return nil
            }
            return
                "\(unit.subject) \(unit.incident) \(unit.state): \(heard.joined(separator: ", "))"
        }.joined(separator: "\n")
    }

    func step() {
        for index in units.indices { advance(&units[index]) }
        service.show(ChaosWorld.exposition(units))
        if isCalm { return }
        if chance(0.02), let receiver = receivers.randomElement(using: &random) {
            receiver.set(ChaosReceiver.Mood.allCases.randomElement(using: &random) ?? .willing)
        }
        // Bad moods pass, or nothing would ever come to its end.
        if chance(0.05) { receivers.randomElement(using: &random)?.set(.willing) }
        if chance(0.02) { makeSilence() }
        if chance(0.02) { endSilence() }
        if chance(0.005) { _ = client.request("POST", "/-/reload") }
    }

    private func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private func advance(_ unit: inout Unit) {
        if unit.isUnsaid { say(&unit) }
        switch unit.state {
        case .well:
            if !isCalm, chance(0.05) { breakDown(&unit) }
        case .broken:
            let isTime = unit.isOwed ? everyoneHeard(unit, firing: true) : unit.kind == .flapping
            if isTime, isCalm || chance(0.1) { heal(&unit) }
        case .healing:
            if !unit.isOwed || everyoneHeard(unit, firing: false) { unit.state = .well }
        }
    }

    private func everyoneHeard(_ unit: Unit, firing: Bool) -> Bool {
        receivers.allSatisfy {
            guard let said = ledger.heard(unit.subject, at: $0.name) else { return false }
            return said.incident == unit.incident && said.isFiring == firing
        }
    }

    // The ledger knows before anybody can see it.

    private func breakDown(_ unit: inout Unit) {
        unit.incident += 1
        unit.state = .broken
        ledger.add(
            .broke(subject: unit.subject, incident: unit.incident, isOwed: unit.isOwed))
        if unit.kind == .outside {
            unit.startsAt = ChaosWorld.time(0)
            unit.isUnsaid = true
            say(&unit)
        }
    }

    private func heal(_ unit: inout Unit) {
        ledger.add(.healed(subject: unit.subject, incident: unit.incident))
        unit.state = .healing
        if unit.kind == .outside {
            unit.isUnsaid = true
            say(&unit)
        }
    }

    // MARK: Clients of the API

    /// Posts the alert, which is not said until the answer is 200.
    private func say(_ unit: inout Unit) {
        let end = ChaosWorld.time(unit.state == .broken ? 3600 : 0)
        let answer = post(
            "/api/v2/alerts",
            #"[{"labels":{"alertname":"Theirs","unit":"\#(unit.number)"},"#
                + #""annotations":{"incident":"\#(unit.incident)"},"#
                + #""startsAt":"\#(unit.startsAt)","endsAt":"\#(end)"}]"#)
        unit.isUnsaid = answer?.status != 200
        if !unit.isUnsaid { trigger.pull(.accepted) }
    }

    private func post(_ path: String, _ body: String) -> HTTPClient.Response? {
        client.request(
            "POST", path, body: Array(body.utf8), headers: [("Content-Type", "application/json")])
    }

    private static func time(_ seconds: TimeInterval) -> String {
        Date(timeIntervalSinceNow: seconds).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true)
                .timeZone(separator: .omitted))
    }

    private struct Named: Decodable { let silenceID: String }

    private func silence(_ name: String, _ value: String) -> String? {
        let answer = post(
            "/api/v2/silences",
            #"{"matchers":[{"name":"\#(name)","value":"\#(value)","isRegex":false,"isEqual":true}],"#
                + #""startsAt":"\#(ChaosWorld.time(0))","endsAt":"\#(ChaosWorld.time(86_400))","#
                + #""createdBy":"chaos","comment":"c"}"#)
        guard let answer, answer.status == 200 else { return nil }
        return try? JSONDecoder().decode(Named.self, from: Data(answer.body)).silenceID
    }

    /// Silences the unit that must never be heard of; false where nobody listens yet.
    func mute() -> Bool {
        guard let id = silence("alertname", "Muted") else { return false }
        silences.append(Silence(id: id, isExpired: false))
        return true
    }

    private func makeSilence() {
        guard silences.count < 500, let id = silence("unit", "none-\(silences.count)") else {
            return
        }
        silences.append(Silence(id: id, isExpired: false))
        trigger.pull(.accepted)
    }

    private func endSilence() {
        // The first one stays.
        guard silences.count > 1 else { return }
        let index = Int.random(in: 1..<silences.count, using: &random)
        guard silences[index].isExpired == false else { return }
        silences[index].isExpired = nil
        let answer = client.request("DELETE", "/api/v2/silence/\(silences[index].id)")
        if answer?.status == 200 {
            silences[index].isExpired = true
            trigger.pull(.accepted)
        }
    }

    private struct Listed: Decodable {
        struct Status: Decodable { let state: String }

        let id: String
        let status: Status
    }

    /// What the daemon has forgotten of silences that it had accepted; nil where it does not answer.
    func forgottenSilences() throws -> [String]? {
        guard let answer = client.get("/api/v2/silences"), answer.status == 200 else { return nil }
        let listed = try JSONDecoder().decode([Listed].self, from: Data(answer.body))
        return silences.compactMap { silence in
            guard let found = listed.first(where: { $0.id == silence.id }) else {
                return "silence \(silence.id) is gone"
            }
            guard let isExpired = silence.isExpired else { return nil }
            return (found.status.state == "expired") == isExpired
                ? nil : "silence \(silence.id) is \(found.status.state)"
        }
    }

    /// How many silences were accepted.
    var silenceCount: Int { silences.count }
}
