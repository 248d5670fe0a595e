import Model

/// What is sent of a text whose template failed.
struct FailedText {
    /// What was rendered before the error.
    let rendered: String
    let field: String
    let isHTML: Bool

    /// The text and a few words on what is missing, in the room there is.
    func shown(_ size: TextSize) -> String {
        var kept = isHTML ? FailedText.closed(rendered) : rendered
        while kept.hasSuffix(" ") { kept.removeLast() }
        let note = "[\(field): template failed, see Tocsin's log]"
        if kept.isEmpty { return note }
        let parted = kept.hasSuffix("\n") ? note : " \(note)"
        let room = size.leavingRoom(for: parted)
        return (room.fitting(kept) ?? kept) + parted
    }

    /// HTML as far as what comes behind it is seen: without a tag that has no end, and out of elements
    /// that are not shown as text.
    private static func closed(_ html: String) -> String {
        var html = html
        if let start = html.lastIndex(of: "<"), !html[start...].contains(">") {
            html.removeSubrange(start...)
        }
        let lower = html.lowercased()
        for name in ["title", "style", "script", "textarea"] {
            guard let open = lower.ranges(of: "<\(name)").last else { continue }
            if !lower[open.upperBound...].contains("</\(name)") { html += "</\(name)>" }
        }
        return html
    }
}
