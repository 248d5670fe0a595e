import Configuration
import Foundation
import Logging
import Model
import Notify
import Synchronization
import Testing
import Transport

/// What happens to alerts, line by line, under a configuration as a user writes it:
///
///     0s     fire A severity=critical note="disk full" since=-60s
///     40s    resolve A severity=critical
///     50s    silence s alertname=A until 900s
///     60s    expire s
///     70s    break pager
///     80s    mend pager
struct Story {
    /// A line of the script.
    struct Step: Sendable {
        enum Action: Sendable {
            case alert(Alert)
            case silence(String, [SilenceMatcher], until: Timestamp)
            case expire(String)
            case fails(String, Bool)
        }

        /// Since the story's start.
        var at: Milliseconds
        var action: Action
    }

    let configuration: NotifierConfiguration
    let start: Timestamp
    let steps: [Step]

    init(_ yaml: String, _ script: String, start: String = "2024-01-01T12:00:00Z") throws {
        let moment = try #require(Timestamp(rfc3339: start))
        try self.init(yaml, script, from: moment)
    }

    init(_ yaml: String, _ script: String, from moment: Timestamp) throws {
        let loaded = NotifierConfiguration.load(text: Array(yaml.utf8), path: "story.yml")
        configuration = try #require(loaded.value, "\(loaded.problems)")
        start = moment
        var firing: [Labels: Timestamp] = [:]
        steps = try script.split(separator: "\n").map {
            try Story.step(String($0), moment, &firing)
        }
    }

    private static func step(
        _ line: String, _ start: Timestamp, _ firing: inout [Labels: Timestamp]
    ) throws -> Step {
        let words = line.split(separator: " ").map(String.init)
        try #require(words.count >= 3, "\(line)")
        let at = try duration(words[0])
        let now = start + at
        let rest = words.dropFirst(3)
        switch words[1] {
        case "fire", "resolve":
            var labels = [Label("alertname", words[2])]
            var annotations: [Label] = []
            var since: Timestamp?
            for word in rest {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                try #require(parts.count == 2, "\(line)")
                switch parts[0] {
                case "note": annotations.append(Label("note", parts[1]))
                case "since": since = start + (try duration(parts[1]))
                default: labels.append(Label(parts[0], parts[1]))
                }
            }
            let key = Labels(labels)
            let begin = since ?? firing[key] ?? now
            let ends = words[1] == "resolve"
            firing[key] = ends ? nil : begin
            return Step(
                at: at,
                action: .alert(
                    Alert(
                        labels: key, annotations: Annotations(annotations), startsAt: begin,
                        endsAt: ends ? now : nil, updatedAt: now)))
        case "silence":
            let matchers = try rest.prefix { $0 != "until" }.map { word -> SilenceMatcher in
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                try #require(parts.count == 2, "\(line)")
                return SilenceMatcher(.equal, parts[0], parts[1])
            }
            let until = start + (try duration(try #require(words.last)))
            return Step(at: at, action: .silence(words[2], matchers, until: until))
        case "expire": return Step(at: at, action: .expire(words[2]))
        case "break", "mend":
            return Step(at: at, action: .fails(words[2], words[1] == "break"))
        default: throw TransportError(.invalidRequest, "no such step: \(line)")
        }
    }

    private static func duration(_ text: String) throws -> Milliseconds {
        let number = try #require(text.hasSuffix("s") ? Double(text.dropLast()) : nil, "\(text)")
        return Milliseconds(Int64((number * 1000).rounded()))
    }

    /// What is told until so many seconds after the start, in order; a new process with the rows of
    /// the old one takes over at each of `restarts`.
    func told(until end: Int64, restartingAt restarts: [Int64] = []) async throws -> [Told] {
        let house = StoryHouse(self)
        var events = steps.map { (at: $0.at, step: Step?.some($0)) }
        events += restarts.map { (at: .seconds($0), step: nil) }
        events.sort { $0.at < $1.at }
        for event in events {
            try await house.go(to: start + event.at)
            if let step = event.step {
                try await house.perform(step.action)
            } else {
                house.restart()
            }
        }
        try await house.go(to: start + .seconds(end))
        return house.told
    }

    /// The same as lines of `30s main: firing A B, resolved C`.
    func tells(until end: Int64, restartingAt restarts: [Int64] = []) async throws -> [String] {
        try await told(until: end, restartingAt: restarts).map(\.description)
    }
}

/// A notification that a receiver took.
struct Told: Sendable, CustomStringConvertible {
    /// Since the story's start.
    var at: Milliseconds
    var data: NotificationData

    var description: String {
        let kind = data.integration == "webhook" ? "" : "/" + data.integration
        return "\(Double(at.value) / 1000)s ".replacing(".0s", with: "s") + data.receiver + kind
            + ": " + words
    }

    /// `firing A B, resolved C`.
    var words: String {
        [("firing", data.firing), ("resolved", data.resolved)].filter { !$0.1.isEmpty }
            .map { "\($0.0) " + $0.1.map(\.name).joined(separator: " ") }
            .joined(separator: ", ")
    }
}

/// The pipeline of a story: the real one, on a moved clock, in front of receivers that write down
/// what they take.
private final class StoryHouse: Sendable {
    private let story: Story
    private let clock = TestClock()
    private let disk = FakeDisk()
    private let transport = FakeTransport([:])
    private let listener = Ear()
    private let pipeline: Mutex<NotificationPipeline?> = Mutex(nil)
    private let silences: Mutex<[String: String]> = Mutex([:])

    init(_ story: Story) {
        self.story = story
        clock.now = story.start
        restart()
    }

    var told: [Told] {
        listener.heard.map { Told(at: $0.now - story.start, data: $0) }
    }

    func restart() {
        let templates = NotificationTemplates()
        let integrations = Receivers.integrations(story.configuration, templates: templates)
            .mapValues { list in
                list.map { ListeningIntegration(base: $0, listener: listener) as any Integration }
            }
        let disk = disk
        let next = NotificationPipeline(
            configuration: story.configuration, integrations: integrations,
            externalURL: "http://tocsin", mode: .replay, transport: transport, clock: clock,
            rows: disk.rows, journal: disk.journal(),
            logger: Logger(label: "story") { _ in SwiftLogNoOpLogHandler() })
        pipeline.withLock { $0 = next }
    }

    private func current() throws -> NotificationPipeline {
        try #require(pipeline.withLock { $0 })
    }

    func go(to moment: Timestamp) async throws {
        clock.now = moment
        try await current().advance(to: moment)
    }

    func perform(_ action: Story.Step.Action) async throws {
        let pipeline = try current()
        switch action {
        case .alert(let alert): await pipeline.receive(alerts: [alert], at: clock.now)
        case .silence(let name, let matchers, let until):
            let id = try await pipeline.setSilence(
                SilenceRequest(
                    matchers: matchers, endsAt: until, createdBy: "jane", comment: "known"))
            silences.withLock { $0[name] = id }
        case .expire(let name):
            let id = try #require(silences.withLock { $0[name] })
            try await pipeline.expireSilence(id)
        case .fails(let receiver, let fails): listener.set(receiver, fails: fails)
        }
    }
}

/// Hears what the receivers take.
private final class Ear: Sendable {
    private let state = Mutex<(heard: [NotificationData], broken: Set<String>)>(([], []))

    var heard: [NotificationData] { state.withLock { $0.heard } }

    func set(_ receiver: String, fails: Bool) {
        state.withLock { state in
            if fails { state.broken.insert(receiver) } else { state.broken.remove(receiver) }
        }
    }

    func take(_ data: NotificationData) -> DeliveryOutcome {
        state.withLock { state in
            // `break main` or, of several integrations, `break main/slack`.
            let names = [data.receiver, "\(data.receiver)/\(data.integration)"]
            if names.contains(where: state.broken.contains) { return .retry(reason: "503") }
            state.heard.append(data)
            return .delivered()
        }
    }
}

/// A configured integration with an ear in the place of its service.
private struct ListeningIntegration: Integration {
    let base: any Integration
    let listener: Ear

    var name: String { base.name }
    var sendResolved: Bool { base.sendResolved }

    func deliver(
        _ data: NotificationData, transport: any Transporting
    ) async -> DeliveryOutcome { listener.take(data) }

    func render(_ data: NotificationData) throws -> RenderedNotification { try base.render(data) }
}
