import GoTemplate
import Model

/// What a text says of alerts that it does not list.
struct RemainingAlerts {
    let count: Int
    private let link: String

    init(count: Int, of data: TemplateData) {
        self.count = count
        link = RemainingAlerts.link(data)
    }

    /// Where the alerts are listed.
    private static func link(_ data: TemplateData) -> String {
        let receiver = Escapes.urlQuery(data.notification.receiver)
        return "\(data.notification.externalURL)/#/alerts?receiver=\(receiver)"
    }

    /// Says how many there are more; without the link, or nothing, where there is little room.
    func note(_ size: TextSize, isHTML: Bool) -> String {
        let short = "\n… and \(count) more alerts"
        let long = "\(short): \(isHTML ? Escapes.html(link) : link)"
        if long.utf8.count <= size.wantedBytes / 4 { return long }
        return short.utf8.count <= size.wantedBytes / 4 ? short : ""
    }

    /// Adds a note to a text: in a document of HTML within its body.
    static func added(_ note: String, to text: String, isHTML: Bool) -> String {
        guard isHTML, let end = text.ranges(of: "</body>").last else { return text + note }
        return text[..<end.lowerBound] + "<p>\(note)</p>" + text[end.lowerBound...]
    }

    /// What is said where no list of alerts can be made.
    static func instead(of data: TemplateData) -> String {
        let (firing, resolved) = (data.firingCount, data.resolvedCount)
        let counts = [(firing, "firing"), (resolved, "resolved")].filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return "Alerts: \(counts). This message was too large to be made. See \(link(data))"
    }
}
