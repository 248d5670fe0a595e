import GoTemplate
import Model

/// How much of a text a receiver takes.
enum TextSize: Hashable {
    /// All of it.
    case unlimited
    /// So many characters: a longer text is cut and ends with "…".
    case characters(Int)
    /// The same in bytes.
    case bytes(Int)
    /// So many bytes of a text that is worth nothing when it is cut, such as HTML: a longer one lists
    /// fewer alerts.
    case document(bytes: Int)

    /// The output that is worth making: at least one character more than is shown.
    var wantedBytes: Int {
        switch self {
        case .unlimited: .max
        case .characters(let count): 4 * count + 4
        case .bytes(let count): count + 4
        case .document(let count): count
        }
    }

    /// The text as far as it is shown; nil for a document that is too large.
    func fitting(_ text: String) -> String? {
        switch self {
        case .unlimited: text
        case .characters(let count): truncated(text, toCharacters: count)
        case .bytes(let count): truncated(text, toBytes: count)
        case .document(let count): text.utf8.count <= count ? text : nil
        }
    }

    /// The same of what a template has written; nil too where its template failed.
    func fitting(_ output: TemplateOutput) -> String? {
        switch output.end {
        case .complete: fitting(output.text)
        case .full: canBeCut ? fitting(output.text) : nil
        case .failed: nil
        }
    }

    /// Whether the beginning of the text is worth sending.
    var canBeCut: Bool {
        switch self {
        case .characters, .bytes: true
        case .unlimited, .document: false
        }
    }

    /// The room that is left beside `note`.
    func leavingRoom(for note: String) -> TextSize {
        switch self {
        case .unlimited: self
        case .characters(let count): .characters(max(0, count - note.unicodeScalars.count))
        case .bytes(let count): .bytes(max(0, count - note.utf8.count))
        case .document(let count): .document(bytes: max(0, count - note.utf8.count))
        }
    }

    /// No more than `bytes` of it.
    func within(_ bytes: Int) -> TextSize {
        switch self {
        case .unlimited: .document(bytes: bytes)
        case .characters(let count): .characters(min(count, bytes / 4))
        case .bytes(let count): .bytes(min(count, bytes))
        case .document(let count): .document(bytes: min(count, bytes))
        }
    }
}

/// The first `count` characters of a text, with a mark where it was cut.
func truncated(_ text: String, toCharacters count: Int) -> String {
    let scalars = text.unicodeScalars
    // Characters are never more than bytes.
    if text.utf8.count <= count || scalars.count <= count { return text }
    return String(String.UnicodeScalarView(scalars.prefix(max(0, count - 1)))) + "…"
}

/// As many whole characters of a text as `count` bytes hold, with a mark where it was cut.
func truncated(_ text: String, toBytes count: Int) -> String {
    if text.utf8.count <= count { return text }
    let mark = "…"
    if count < mark.utf8.count { return String(repeating: ".", count: max(0, count)) }
    var room = count - mark.utf8.count
    let kept = text.unicodeScalars.prefix { scalar in
        room -= UTF8.width(scalar)
        return room >= 0
    }
    return String(String.UnicodeScalarView(kept)) + mark
}

/// What the parts of a message may have after its receiver refused a larger one.
struct MessageBudget: Hashable {
    /// How much smaller each further try is.
    private static let divisor = 8
    /// A message of this size is not what is too large.
    private static let minimumBytes = 256

    /// The most bytes of each text.
    let bytes: Int
    /// The size that was refused at first.
    private let refusedBytes: Int

    /// What to try after `refusedBytes` were refused; nil where smaller would not help.
    init?(refusedBytes: Int, after previous: MessageBudget? = nil) {
        self.refusedBytes = max(previous?.refusedBytes ?? refusedBytes, 1)
        bytes = min(previous?.bytes ?? .max, refusedBytes) / MessageBudget.divisor
        if bytes < MessageBudget.minimumBytes { return nil }
    }

    /// How many of `count` alerts a message has that lists them one like the other.
    func alerts(of count: Int) -> Int {
        max(1, Int(Double(count) * Double(bytes) / Double(refusedBytes)))
    }
}
