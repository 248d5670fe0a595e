import CYAML
import Model

/// Reads YAML with libyaml into a tree with places.
///
/// Everything that can grow is bounded by `YAMLLimits`; the tree is built without recursion.
public enum YAMLParser {
    /// The tree of the first document, nil where it cannot be read or is empty, and what is wrong.
    /// A key that stands twice in a mapping is an error; the tree then holds its first value. What
    /// comes behind the first document is not read, as in Prometheus, and a warning.
    public static func parse(
        _ bytes: [UInt8], file: String, limits: YAMLLimits = YAMLLimits()
    ) -> (root: YAMLNode?, problems: [Problem]) {
        if bytes.count > limits.fileSize {
            let message = "larger than the limit fileSize of \(limits.fileSize) bytes"
            return (nil, [Problem(at: SourcePlace(file: file), message)])
        }
        var builder = YAMLBuilder(file: file, limits: limits)
        do {
            try LibYAML.events(of: bytes, file: file) { event throws(Problem) in
                try builder.take(event)
                return !builder.hasMore
            }
        } catch {
            if !builder.isComplete { return (nil, builder.problems + [error]) }
            builder.ignoreMore(at: error.place)
        }
        return (builder.root, builder.problems)
    }
}

/// What the parser meets, in order.
struct YAMLEvent {
    enum Kind {
        case scalar(YAMLNode.Scalar)
        case alias(String)
        case sequenceStart
        case mappingStart
        case end
        case documentStart
        case documentEnd
    }

    var kind: Kind
    var anchor: String?
    var tag: String?
    var place: SourcePlace
}

/// The one place that touches libyaml.
private enum LibYAML {
    /// Hands on every event until `body` wants no more.
    static func events(
        of bytes: [UInt8], file: String, _ body: (YAMLEvent) throws(Problem) -> Bool
    ) throws(Problem) {
        // libyaml keeps pointers into the parser, so it must not move: it lives on the heap.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { unsafe parser.deallocate() }
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            throw Problem(at: SourcePlace(file: file), "no memory for the YAML parser")
        }
        defer { unsafe yaml_parser_delete(parser) }
        let result: Result<Void, Problem> = unsafe bytes.withUnsafeBufferPointer { buffer in
            // Set and used within the buffer's scope; the parser reads nothing after it.
            unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            return Result { () throws(Problem) in
                unsafe try readAll(parser, file: file, body)
            }
        }
        try result.get()
    }

    private static func readAll(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, file: String,
        _ body: (YAMLEvent) throws(Problem) -> Bool
    ) throws(Problem) {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else {
                throw unsafe syntaxError(parser, file: file)
            }
            defer { unsafe yaml_event_delete(&event) }
            if unsafe (event.type == YAML_STREAM_END_EVENT) { return }
            if let converted = unsafe convert(event, file: file), try !body(converted) { return }
        }
    }

    private static func syntaxError(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, file: String
    ) -> Problem {
        let state = unsafe parser.pointee
        var message = unsafe state.problem.map { unsafe String(cString: $0) } ?? "cannot be read"
        if let context = unsafe state.context {
            message += unsafe " " + String(cString: context)
        }
        let mark = unsafe state.problem_mark
        let isReaderError = unsafe (state.error == YAML_READER_ERROR)
        let here = unsafe state.mark
        let place = SourcePlace(
            file: file, line: Int(clamping: isReaderError ? here.line : mark.line) + 1,
            column: Int(clamping: isReaderError ? here.column : mark.column) + 1)
        return Problem(at: place, "yaml: \(message)")
    }

    private static func convert(_ event: yaml_event_t, file: String) -> YAMLEvent? {
        let mark = unsafe event.start_mark
        let place = SourcePlace(
            file: file, line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let text =
                unsafe scalar.value.map {
                    unsafe String(
                        decoding: UnsafeBufferPointer(start: $0, count: scalar.length),
                        as: UTF8.self)
                } ?? ""
            let content = YAMLNode.Scalar(
                text: text, isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
            return YAMLEvent(
                kind: .scalar(content), anchor: unsafe string(scalar.anchor),
                tag: unsafe string(scalar.tag), place: place)
        case YAML_ALIAS_EVENT:
            return YAMLEvent(
                kind: .alias(unsafe string(event.data.alias.anchor) ?? ""), place: place)
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return YAMLEvent(
                kind: .sequenceStart, anchor: unsafe string(start.anchor),
                tag: unsafe string(start.tag), place: place)
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return YAMLEvent(
                kind: .mappingStart, anchor: unsafe string(start.anchor),
                tag: unsafe string(start.tag), place: place)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            return YAMLEvent(kind: .end, place: place)
        case YAML_DOCUMENT_START_EVENT:
            return YAMLEvent(kind: .documentStart, place: place)
        case YAML_DOCUMENT_END_EVENT:
            return YAMLEvent(kind: .documentEnd, place: place)
        default:
            return nil
        }
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }
}
