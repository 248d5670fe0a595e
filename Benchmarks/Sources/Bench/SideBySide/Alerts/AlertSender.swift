import Foundation

/// Posts alerts as one Prometheus does: 64 in a request, one request after the other.
struct AlertSender {
    let scene: AlertScene
    private let connection: HTTPConnection
    /// What fires, in the order in which it began.
    private(set) var firing: [AlertScene.Alert] = []
    /// When each alert began, as it was posted.
    private var startsAt: [AlertScene.Alert: String] = [:]
    /// When the last transition of each alert was posted.
    private(set) var posted: [AlertScene.Alert: ContinuousClock.Instant] = [:]
    /// How long requests took, in milliseconds.
    private(set) var requests: [Double] = []

    static let batch = 64
    /// How long after a request the next one is sent, where the answer has come.
    static let pace = Duration.milliseconds(5)

    init(_ scene: AlertScene, port: UInt16) throws {
        self.scene = scene
        connection = try HTTPConnection(port: port)
    }

    func silence() throws {
        for body in scene.silenceBodies(from: Date()) {
            try connection.post("/api/v2/silences", body)
        }
    }

    mutating func fire(_ alerts: [AlertScene.Alert]) throws {
        firing += alerts
        try send(alerts, isNews: true)
    }

    mutating func resolve(_ alerts: [AlertScene.Alert]) throws {
        let ended = Set(alerts)
        firing.removeAll { ended.contains($0) }
        try send(alerts, isNews: true, haveEnded: true)
    }

    /// Says again what fires: the same start, a later time-out.
    mutating func resend() throws { try send(firing, isNews: false) }

    private mutating func send(
        _ alerts: [AlertScene.Alert], isNews: Bool, haveEnded: Bool = false
    ) throws {
        let start = ContinuousClock.now
        for (number, first) in stride(from: 0, to: alerts.count, by: AlertSender.batch).enumerated()
        {
            Pause.until(start + AlertSender.pace * number)
            let batch = alerts[first..<min(first + AlertSender.batch, alerts.count)]
            let date = Date()
            let now = AlertScene.text(date)
            let end =
                haveEnded ? now : AlertScene.text(date.addingTimeInterval(AlertScene.timeOut))
            var list: [String] = []
            for alert in batch {
                let began = startsAt[alert] ?? now
                startsAt[alert] = began
                list.append(scene.json(alert, startsAt: began, endsAt: end))
            }
            let sent = ContinuousClock.now
            if isNews { for alert in batch { posted[alert] = sent } }
            try connection.post("/api/v2/alerts", "[" + list.joined(separator: ",") + "]")
            requests.append((ContinuousClock.now - sent) / .milliseconds(1))
        }
    }
}

enum Pause {
    static func until(_ moment: ContinuousClock.Instant) {
        let seconds = (moment - .now) / .seconds(1)
        if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
    }
}
