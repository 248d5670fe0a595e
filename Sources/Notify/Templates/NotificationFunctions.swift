import GoTemplate
import Model
import Zones

/// Alertmanager's template functions. `since` and `now` count from the moment of the flush, which is
/// the execution's context.
enum NotificationFunctions {
    static let all: [String: TemplateFunction] =
        TextFunctions.all
        .merging(texts) { $1 }
        .merging(times) { $1 }
        .merging(values) { $1 }

    private static let texts: [String: TemplateFunction] = [
        "title": TemplateFunction([.string]) {
            .string(TitleCase.apply($0.string(0), lowersRest: true))
        },
        "trimSpace": TemplateFunction([.string]) { .string(trimmed($0.string(0))) },
        "join": TemplateFunction([.string, .named("[]string")]) { call in
            let (separator, parts) = (call.string(0), call.strings(1))
            let size = parts.reduce(0) { $0 &+ $1.utf8.count &+ separator.utf8.count }
            try call.charge(bytes: size)
            return .string(parts.joined(separator: separator))
        },
        "safeUrl": TemplateFunction([.string]) { .safe(SafeText($0.string(0), .url)) },
        "urlUnescape": TemplateFunction([.string]) { .string(try unescaped($0.string(0))) },
        "stringSlice": TemplateFunction([.string], variadic: true) { call in
            .strings(call.arguments.indices.map { call.string($0) })
        },
    ]

    private static let times: [String: TemplateFunction] = [
        "date": TemplateFunction([.string, .named("time.Time")]) { call in
            .string(try time(call, 1).formatted(layout: call.string(0)))
        },
        "tz": TemplateFunction([.string, .named("time.Time")]) { call in
            do { return .object(try time(call, 1).moved(to: Zone(named: call.string(0)))) } catch {
                throw TemplateFunctionError("\(error)")
            }
        },
        "since": TemplateFunction([.named("time.Time")]) { call in
            .object(TemplateTime(try now(call)).since(try time(call, 0)))
        },
        "now": TemplateFunction { .object(TemplateTime(try now($0), in: .local)) },
        "humanizeDuration": TemplateFunction([.any]) { call in
            .string(Humanize.duration(try Humanize.number(call.arguments[0])))
        },
    ]

    private static let values: [String: TemplateFunction] = [
        "toJson": TemplateFunction([.any]) { call in
            .string(try JSONValue(call.arguments[0]).goText(limit: call.maximumOutput))
        },
        "list": TemplateFunction([.any], variadic: true) { .list($0.arguments) },
        "append": TemplateFunction([.named("[]interface {}"), .any], variadic: true) { call in
            guard case .list(let list)? = call.arguments.first else {
                return .list(Array(call.arguments.dropFirst()))
            }
            return .list(list.elements + call.arguments.dropFirst())
        },
        "dict": TemplateFunction([.any], variadic: true) { call in
            if call.arguments.count % 2 != 0 {
                throw TemplateFunctionError("dict requires an even number of arguments")
            }
            var entries: [(key: String, value: TemplateValue)] = []
            for index in stride(from: 0, to: call.arguments.count, by: 2) {
                guard case .string(let key) = call.arguments[index] else {
                    throw TemplateFunctionError("dict keys must be strings")
                }
                entries.append((key, call.arguments[index + 1]))
            }
            return .map(TemplateMap(entries))
        },
    ]

    private static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func unescaped(_ text: String) throws -> String {
        var out: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%") {
                let end = min(index + 3, bytes.count)
                let digits = String(decoding: bytes[min(index + 1, end)..<end], as: UTF8.self)
                guard digits.utf8.count == 2, !digits.hasPrefix("+"), !digits.hasPrefix("-"),
                    let byte = UInt8(digits, radix: 16)
                else {
                    let found = String(decoding: bytes[index..<end], as: UTF8.self)
                    throw TemplateFunctionError("invalid URL escape \(found.goQuoted)")
                }
                out.append(byte)
                index += 3
            } else {
                out.append(bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func time(_ call: TemplateCall, _ index: Int) throws -> TemplateTime {
        guard case .object(let object) = call.arguments[index], let time = object as? TemplateTime
        else { throw TemplateFunctionError("expected a time") }
        return time
    }

    private static func now(_ call: TemplateCall) throws -> Timestamp {
        guard let now = call.context as? Timestamp else {
            throw TemplateFunctionError("only for notifications")
        }
        return now
    }
}
