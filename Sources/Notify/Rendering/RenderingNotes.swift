import Configuration
import Logging
import Model
import Synchronization

/// What was not rendered as its templates say, of one message.
final class RenderingNotes: Sendable {
    struct Note: Hashable {
        enum Kind: Hashable {
            /// The template failed.
            case failed
            /// A limit made the text shorter than it should be.
            case shortened
        }

        var field: String
        var kind: Kind
        var reason: String

        /// The receiver refused the whole for its size.
        static func refused(_ bytes: Int) -> Note {
            Note(
                field: "all", kind: .shortened,
                reason: "the receiver refused a message of \(bytes) bytes for its size")
        }
    }

    private let notes = Mutex<[Note]>([])

    /// Adds a note; a field that is rendered twice is noted once.
    func add(_ note: Note) {
        notes.withLock { if !$0.contains(note) { $0.append(note) } }
    }

    var all: [Note] { notes.withLock { $0 } }

    /// Whether a field could not be rendered.
    func hasFailed(_ field: String) -> Bool {
        all.contains { $0.field == field && $0.kind == .failed }
    }

    /// The first failure, for those who want to hear of it rather than to have the message.
    var failure: ReceiverError? {
        all.first { $0.kind == .failed }.map { ReceiverError("a template failed: \($0.reason)") }
    }
}

/// Writes into the log what became of a receiver's templates.
struct RenderingReporter {
    let logger: Logger
    /// Where the receiver is configured.
    let place: SourcePlace

    func report(_ notes: RenderingNotes, _ data: NotificationData) {
        for note in notes.all {
            let metadata: Logger.Metadata = [
                "receiver": "\(data.receiver)", "integration": "\(data.integration)[\(data.index)]",
                "group": "\(data.groupKey)", "field": "\(note.field)", "reason": "\(note.reason)",
                "configured": "\(place)",
            ]
            switch note.kind {
            case .failed:
                logger.error(
                    "a template failed, the notification is sent without the rest of this field",
                    metadata: metadata)
            case .shortened:
                logger.warning("a text of the notification was shortened", metadata: metadata)
            }
        }
    }
}
