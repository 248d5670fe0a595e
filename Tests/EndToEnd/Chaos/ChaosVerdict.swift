/// Holds what arrived against what was owed. Pure: events in, findings out.
struct ChaosVerdict {
    /// What is wrong, each in words; empty where every promise was kept.
    private(set) var violations: [String] = []
    private(set) var kills = 0
    private(set) var stops = 0
    private(set) var incidents = 0
    private(set) var messages = 0
    private(set) var acknowledged = 0
    /// Incidents that a receiver was never told of, or whose end it never heard.
    private(set) var lost = 0
    /// Messages that came again because a run ended while they were under way.
    private(set) var repeatedInFlight = 0
    /// Messages that came again though their acknowledgement was committed.
    private(set) var repeatedAfterCommit = 0
    /// "firing" behind its own "resolved".
    private(set) var firingAfterResolved = 0
    /// "resolved" of what had not ended.
    private(set) var falseEnds = 0

    private let receivers: [String]
    private let silenced: Set<String>
    private var posts: [ChaosPost] = []
    private var answered: Set<Int> = []
    private var snapshots: [Int: ChaosSnapshot] = [:]
    private var healed: Set<Incident> = []
    private var owed: [Incident] = []

    private struct Incident: Hashable {
        var subject: String
        var number: Int
    }

    private struct Ear: Hashable {
        var receiver: String
        var subject: String
    }

    /// - Parameters:
    ///   - silenced: what nobody may hear of.
    ///   - forgotten: what is wrong with silences at the end.
    init(
        _ events: [ChaosEvent], receivers: [String], silenced: Set<String> = [],
        forgotten: [String] = []
    ) {
        self.receivers = receivers
        self.silenced = silenced
        violations = forgotten
        for event in events { take(event) }
        // What a run sent before it was killed may be read late.
        posts.sort { ($0.run, $0.id) < ($1.run, $1.id) }
        (messages, acknowledged) = (posts.count, answered.count)
        judgeOrder()
        judgeLosses()
        judgeRepetitions()
        judgeBeliefs()
    }

    private mutating func take(_ event: ChaosEvent) {
        switch event {
        case .broke(let subject, let number, let isOwed):
            incidents += 1
            if isOwed { owed.append(Incident(subject: subject, number: number)) }
        case .healed(let subject, let number):
            healed.insert(Incident(subject: subject, number: number))
        case .arrived(let post):
            posts.append(post)
            judgeEnds(post)
        case .answered(let id): answered.insert(id)
        case .ended(let run, let wasKilled, let snapshot):
            if wasKilled { kills += 1 } else { stops += 1 }
            snapshots[run] = snapshot
        }
    }

    /// An end that is told must have happened, and what is silenced is not told.
    private mutating func judgeEnds(_ post: ChaosPost) {
        for alert in post.alerts where silenced.contains(alert.subject) {
            violations.append(
                "\(post.key.receiver) heard in run \(post.run) of \(alert.subject), which is silenced"
            )
        }
        for alert in post.alerts where !alert.isFiring {
            let incident = Incident(subject: alert.subject, number: alert.incident)
            if healed.contains(incident) { continue }
            falseEnds += 1
            violations.append(
                "\(post.key.receiver) heard in run \(post.run) that \(alert.subject) "
                    + "\(alert.incident) had ended, which it had not")
        }
    }

    /// No receiver hears of an incident after its end, or of an older one after a newer one.
    private mutating func judgeOrder() {
        var last: [Ear: ToldAlert] = [:]
        for post in posts {
            for alert in post.alerts {
                let ear = Ear(receiver: post.key.receiver, subject: alert.subject)
                if let before = last[ear] {
                    let isBack =
                        alert.incident < before.incident
                        || (alert.incident == before.incident && alert.isFiring && !before.isFiring)
                    if isBack {
                        firingAfterResolved += 1
                        violations.append(
                            "\(ear.receiver) heard in run \(post.run) of \(alert.subject) "
                                + "\(alert.incident) \(alert.isFiring ? "firing" : "resolved") after "
                                + "\(before.incident) \(before.isFiring ? "firing" : "resolved")")
                    }
                }
                last[ear] = alert
            }
        }
    }

    /// Every incident that was owed was heard of by everybody, and its end too; whoever was told of
    /// any other incident was told that it ended.
    private mutating func judgeLosses() {
        var heard: [String: Set<ToldAlert>] = [:]
        var last: [Ear: ToldAlert] = [:]
        for post in posts where answered.contains(post.id) {
            for var alert in post.alerts {
                last[Ear(receiver: post.key.receiver, subject: alert.subject)] = alert
                (alert.startsAt, alert.fingerprint) = ("", 0)
                heard[post.key.receiver, default: []].insert(alert)
            }
        }
        for incident in owed {
            for receiver in receivers {
                for isFiring in [true, false] where isFiring || healed.contains(incident) {
                    let said = ToldAlert(
                        subject: incident.subject, incident: incident.number, isFiring: isFiring,
                        startsAt: "", fingerprint: 0)
                    if heard[receiver]?.contains(said) ?? false { continue }
                    lost += 1
                    violations.append(
                        "\(receiver) never acknowledged \(incident.subject) \(incident.number) "
                            + (isFiring ? "firing" : "resolved"))
                }
            }
        }
        for (ear, alert) in last
        where alert.isFiring
            && healed.contains(Incident(subject: alert.subject, number: alert.incident))
        {
            lost += 1
            violations.append(
                "\(ear.receiver) was left with \(alert.subject) \(alert.incident) firing")
        }
    }

    /// What was acknowledged comes again only where the run ended before it had written that down.
    private mutating func judgeRepetitions() {
        var last: [ChaosKey: ChaosPost] = [:]
        for post in posts {
            defer { last[post.key] = post }
            guard let before = last[post.key], before.alerts == post.alerts,
                answered.contains(before.id)
            else { continue }
            let slot = before.run == post.run ? nil : snapshots[before.run]?.owed[post.key]
            if let slot, slot.inFlight || slot.mayHaveArrived {
                repeatedInFlight += 1
            } else {
                repeatedAfterCommit += 1
                violations.append(
                    "\(post.key.receiver) got \(post.key.group) of run \(before.run) again in run "
                        + "\(post.run), though its acknowledgement was written")
            }
        }
    }

    /// The database never believes more than was said, nor knows less than was sent.
    private mutating func judgeBeliefs() {
        var entries: [ChaosKey: Set<ChaosSnapshot.Entry>] = [:]
        var remaining = posts[...]
        for (run, snapshot) in snapshots.sorted(by: { $0.key < $1.key }) {
            var last: [ChaosKey: ChaosPost] = [:]
            while let post = remaining.first, post.run <= run {
                remaining.removeFirst()
                if !answered.contains(post.id) { continue }
                last[post.key] = post
                entries[post.key, default: []].insert(
                    ChaosSnapshot.Entry(firing: post.firing, resolved: post.resolved))
            }
            for (key, entry) in snapshot.acknowledged.sorted(by: { $0.key < $1.key })
            where !(entries[key]?.contains(entry) ?? false) {
                violations.append(
                    "after run \(run) the log believed of \(key.receiver) \(key.group) what was "
                        + "never acknowledged")
            }
            for (key, _) in last.sorted(by: { $0.key < $1.key })
            where snapshot.owed[key] == nil && snapshot.acknowledged[key] == nil {
                violations.append(
                    "run \(run) told \(key.receiver) of \(key.group) and had nothing written")
            }
        }
    }

    /// One line of a table.
    var summary: String {
        """
        kills \(kills), other ends \(stops), incidents \(incidents), of which owed \(owed.count); \
        messages \(messages), acknowledged \(acknowledged); lost \(lost), \
        repeated in flight \(repeatedInFlight), repeated after commit \(repeatedAfterCommit), \
        firing after resolved \(firingAfterResolved), false ends \(falseEnds)
        """
    }
}
