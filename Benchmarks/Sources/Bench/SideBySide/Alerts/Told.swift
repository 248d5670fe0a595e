import Foundation

/// What webhooks told: which alerts fire and which have resolved, and when each was first told so.
struct Told {
    private(set) var firing: [String: ContinuousClock.Instant] = [:]
    private(set) var resolved: [String: ContinuousClock.Instant] = [:]
    let notifications: Int

    private struct Payload: Decodable {
        struct Alert: Decodable {
            var status: String
            var labels: AlertIdentity
        }
        var alerts: [Alert]
    }

    init(_ posts: [WebhookReceiver.Post]) throws {
        notifications = posts.count
        for post in posts {
            let payload = try JSONDecoder().decode(Payload.self, from: Data(post.body))
            for alert in payload.alerts {
                let identity = alert.labels.text
                if alert.status == "firing" {
                    firing[identity] = min(firing[identity] ?? post.at, post.at)
                } else {
                    resolved[identity] = min(resolved[identity] ?? post.at, post.at)
                }
            }
        }
    }
}

/// The labels that tell an alert from every other one (see `AlertScene.identity`).
struct AlertIdentity: Decodable {
    var alertname: String
    var cluster: String
    var instance: String

    var text: String { "\(cluster)/\(alertname)/\(instance)" }
}

/// An alert as `GET /api/v2/alerts` answers it.
struct ShownAlert: Decodable {
    struct Status: Decodable {
        var inhibitedBy: [String]
        var silencedBy: [String]
    }
    var labels: AlertIdentity
    var status: Status
}
