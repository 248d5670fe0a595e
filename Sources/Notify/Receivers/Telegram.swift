import Configuration
import Foundation
import Model
import Transport

/// A bot's message in a chat of Telegram.
extension TelegramConfiguration: WebService {
    func request(_ message: Message) throws -> HTTPRequest {
        try request(message, chat: chatID(message), parseMode)
    }

    func deliver(_ message: Message, over connection: ReceiverConnection) async throws
        -> DeliveryOutcome
    {
        let response = try await connection.send(request(message))
        if response.status != 400 { return outcome(of: response, message) }
        let answer = TelegramConfiguration.read(response)
        // A group that grew moved, and a message that Telegram cannot parse is still one to be read.
        if let moved = answer?.parameters?.migrate_to_chat_id {
            let again = try request(message, chat: .int(moved), parseMode)
            return outcome(of: try await connection.send(again), message)
        }
        if parseMode != .plain, answer?.description?.contains("can't parse entities") == true {
            let again = try request(message, chat: chatID(message), .plain)
            return outcome(of: try await connection.send(again), message)
        }
        return outcome(of: response, message)
    }

    func reading(_ message: Message) throws -> (destination: String, text: String) {
        ("chat \(try chat.filePath ?? message.reveal(chat))", try text(message, parseMode))
    }

    private func request(
        _ message: Message, chat: JSONValue, _ mode: ParseMode
    ) throws -> HTTPRequest {
        var object: [(String, JSONValue)] = [
            ("chat_id", chat), ("text", .string(try text(message, mode))),
        ]
        if thread != 0 { object.append(("message_thread_id", .int(Int64(thread)))) }
        if mode != .plain { object.append(("parse_mode", .string(mode.rawValue))) }
        object.append(("disable_web_page_preview", .bool(true)))
        object.append(("disable_notification", .bool(isSilent)))
        return .json(
            to: url.appendingPath("bot\(try message.reveal(token))/sendMessage"), .object(object))
    }

    private func chatID(_ message: Message) throws -> JSONValue {
        let text = try message.reveal(chat)
        return Int64(text).map { .int($0) } ?? .string(text)
    }

    private func text(_ message: Message, _ mode: ParseMode) throws -> String {
        mode == .html
            // A little more than fits, so that it is seen that there is more.
            ? TelegramText.fitting(
                html: try message.render("message", .bytes(TelegramText.maximumBytes + 1024)))
            : try message.render(
                "message", .characters(TelegramText.maximumCharacters), isHTML: false)
    }

    // MARK: The answer

    private struct Answer: Decodable {
        struct Parameters: Decodable {
            var retry_after: Int64?
            var migrate_to_chat_id: Int64?
        }

        var ok: Bool?
        var description: String?
        var parameters: Parameters?
    }

    private static func read(_ response: HTTPResponse) -> Answer? {
        try? JSONDecoder().decode(Answer.self, from: Data(response.body))
    }

    /// Every refusal is tried again, as Alertmanager does it, not before the answer allows it.
    func outcome(of response: HTTPResponse, _ message: Message) -> DeliveryOutcome {
        let answer = TelegramConfiguration.read(response)
        switch DeliveryOutcome.classify(response, at: message.data.now) {
        case .delivered(let detail, let memory):
            if answer?.ok == false {
                return .retry(reason: "Telegram: \(answer?.description ?? "refused")")
            }
            return .delivered(detail: detail, memory: memory)
        case .retry(let after, let reason, _):
            let asked = answer?.parameters?.retry_after.map {
                min(Milliseconds.seconds(max(0, min($0, 3600))), DeliveryOutcome.maximumRetryAfter)
            }
            return .retry(after: asked ?? after, reason: reason)
        case .failed(let reason), .unmade(let reason): return .retry(reason: reason)
        }
    }
}

/// Texts as long as Telegram takes them.
enum TelegramText {
    /// The most characters that a message shows.
    static let maximumCharacters = 4096
    /// The largest text before its tags are taken out.
    static let maximumBytes = 1 << 15

    /// HTML, cut where it would be too long: never within a tag or an entity, and every tag that is
    /// open there is closed.
    static func fitting(html: String) -> String {
        var scanner = Scanner(html)
        while scanner.advance() {}
        if html.utf8.count <= maximumBytes, scanner.shown <= maximumCharacters { return html }
        return scanner.cut
    }

    private struct Scanner {
        private var rest: Substring.UnicodeScalarView
        /// Names of the tags that are open where the text is cut.
        private var open: [Substring] = []
        /// What the mark and the ends of the open tags will take.
        private var owed = 3
        private var bytes = 0
        private var kept = String.UnicodeScalarView()
        private var isFull = false
        private var tagEnd: String.Index?
        private var hasNoMoreTags = false
        /// How many characters the whole shows.
        private(set) var shown = 0

        init(_ html: String) { rest = Substring(html).unicodeScalars }

        var cut: String {
            String(kept) + (isFull ? "…" : "") + open.reversed().map { "</\($0)>" }.joined()
        }

        /// Takes a tag, an entity or a character; false at the end.
        mutating func advance() -> Bool {
            guard let first = rest.first else { return false }
            var piece = rest.prefix(1)
            var isTag = false
            if first == "<", let end = nextTagEnd() {
                piece = rest[...end]
                isTag = true
            } else {
                if first == "&", let end = rest.prefix(10).firstIndex(of: ";") {
                    piece = rest[...end]
                }
                shown += 1
            }
            rest = rest[piece.endIndex...]
            if isFull { return true }
            let size = piece.reduce(0) { $0 + UTF8.width($1) }
            if shown >= maximumCharacters || bytes + size + owed > maximumBytes {
                isFull = true
                return true
            }
            bytes += size
            kept += piece
            if isTag { note(piece) }
            return true
        }

        /// Where the next tag ends. It is looked for once: many a `<` may stand before it.
        private mutating func nextTagEnd() -> String.Index? {
            if let tagEnd, tagEnd >= rest.startIndex { return tagEnd }
            if hasNoMoreTags { return nil }
            tagEnd = rest.firstIndex(of: ">")
            hasNoMoreTags = tagEnd == nil
            return tagEnd
        }

        private mutating func note(_ tag: Substring.UnicodeScalarView) {
            let inner = tag.dropFirst().dropLast()
            let name = Substring(inner.drop { $0 == "/" }.prefix { $0 != " " && $0 != "/" })
            if inner.first == "/" {
                while let last = open.popLast() {
                    owed -= last.utf8.count + 3
                    if last == name { break }
                }
            } else if inner.last != "/", !name.isEmpty {
                open.append(name)
                owed += name.utf8.count + 3
            }
        }
    }
}
