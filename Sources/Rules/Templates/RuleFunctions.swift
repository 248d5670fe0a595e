import GoTemplate
import Model

/// Prometheus's template functions. Those that need the evaluation (`query`, `externalURL`, `now`)
/// find it in the call's context.
enum RuleFunctions {
    static let all: [String: TemplateFunction] =
        TextFunctions.all
        .merging(queries) { $1 }
        .merging(numbers) { $1 }
        .merging(times) { $1 }
        .merging(links) { $1 }
        .merging(others) { $1 }

    private static let sample = TemplateParameter.named(TemplateSample.typeName)
    private static let samples = TemplateParameter.named(TemplateSample.listTypeName)

    private static func context(_ call: TemplateCall) throws -> RuleTemplate.Context {
        guard let context = call.context as? RuleTemplate.Context else {
            throw TemplateFunctionError("only for rules")
        }
        return context
    }

    // MARK: Queries

    private static let queries: [String: TemplateFunction] = [
        "query": TemplateFunction([.string]) { call in
            // A query costs far more than its text.
            try call.charge(bytes: 65_536)
            let found = try context(call).query(call.string(0))
            try call.charge(bytes: found.count.multipliedReportingOverflow(by: 256).partialValue)
            return TemplateSample.list(found)
        },
        "first": TemplateFunction([samples]) { call in
            guard let first = TemplateSample.elements(call.arguments[0]).first else {
                throw TemplateFunctionError("first() called on vector with no elements")
            }
            return first
        },
        "label": TemplateFunction([.string, sample]) { call in
            .string(TemplateSample.of(call.arguments[1])?.labels.value(call.string(0)) ?? "")
        },
        "value": TemplateFunction([sample]) { call in
            .float(TemplateSample.of(call.arguments[0])?.value ?? 0)
        },
        "strvalue": TemplateFunction([sample]) { call in
            .string(TemplateSample.of(call.arguments[0])?.labels.value("__value__") ?? "")
        },
        "sortByLabel": TemplateFunction([.string, samples]) { call in
            let name = call.string(0)
            let sorted = TemplateSample.elements(call.arguments[1])
                .map { (TemplateSample.of($0)?.labels.value(name) ?? "", $0) }.enumerated()
                .sorted {
                    let order = $0.element.0.byteOrder($1.element.0)
                    return order == 0 ? $0.offset < $1.offset : order < 0
                }
            return .list(
                TemplateList(sorted.map(\.element.1), typeName: TemplateSample.listTypeName))
        },
    ]

    // MARK: Numbers

    private static let numbers: [String: TemplateFunction] = [
        "humanize": number { .string(Humanize.metric($0)) },
        "humanize1024": number { .string(Humanize.binary($0)) },
        "humanizeDuration": number { .string(Humanize.duration($0)) },
        "humanizePercentage": number { .string(Humanize.percentage($0)) },
        "humanizeTimestamp": number { value in
            guard let time = try Humanize.time(value) else { return .string(Humanize.short(value)) }
            return .string(time.formatted ?? "")
        },
    ]

    private static func number(
        _ body: @escaping @Sendable (Double) throws -> TemplateValue
    ) -> TemplateFunction {
        TemplateFunction([.any]) { try body(try Humanize.number($0.arguments[0])) }
    }

    // MARK: Times

    private static let times: [String: TemplateFunction] = [
        "toTime": number { value in
            guard let time = try Humanize.time(value) else {
                throw TemplateFunctionError("value is NaN or Inf")
            }
            return .object(time)
        },
        "toDuration": number { value in
            if !value.isFinite { throw TemplateFunctionError("value is NaN or Inf") }
            let nanoseconds = value * 1e9
            if nanoseconds.magnitude > 9.223372036854775e18 {
                throw TemplateFunctionError(
                    "\(GoFloat.general(value)) cannot be represented as a nanoseconds duration "
                        + "since it overflows int64")
            }
            return .object(TemplateDuration(nanoseconds: Int64(clamping: nanoseconds)))
        },
        "now": TemplateFunction { .float(try context($0).time.seconds) },
        "parseDuration": TemplateFunction([.string]) { call in
            .float(try Milliseconds(prometheus: call.string(0)).inSeconds)
        },
    ]

    // MARK: Links and addresses

    private static let links: [String: TemplateFunction] = [
        "graphLink": TemplateFunction([.string]) { link($0.string(0), tab: 0) },
        "tableLink": TemplateFunction([.string]) { link($0.string(0), tab: 1) },
        "externalURL": TemplateFunction { .string(try context($0).externalURL) },
        "pathPrefix": TemplateFunction { .string(try context($0).externalURL.pathOfURL) },
        "urlQueryEscape": TemplateFunction([.string]) { .string(Escapes.urlQuery($0.string(0))) },
        "stripPort": TemplateFunction([.string]) { call in
            .string(HostPort(call.string(0))?.host ?? call.string(0))
        },
        "stripDomain": TemplateFunction([.string]) {
            .string(HostPort.withoutDomain($0.string(0)))
        },
    ]

    private static func link(_ expression: String, tab: Int) -> TemplateValue {
        .string("/graph?g0.expr=\(Escapes.urlQuery(expression))&g0.tab=\(tab)")
    }

    // MARK: Others

    private static let others: [String: TemplateFunction] = [
        "title": TemplateFunction([.string]) {
            .string(TitleCase.apply($0.string(0), lowersRest: false))
        },
        "args": TemplateFunction([.any], variadic: true) { call in
            .map(
                TemplateMap(
                    call.arguments.enumerated().map { ("arg\($0.offset)", $0.element) }))
        },
    ]
}

/// One element of what `query` gives: `.Labels` and `.Value`.
private struct TemplateSample: TemplateObject {
    static let typeName = "*template.sample"
    static let listTypeName = "template.queryResult"

    let labels: Labels
    let value: Double

    var typeName: String { TemplateSample.typeName }

    var fields: [(name: String, value: TemplateValue)] {
        [("Labels", .labels(labels)), ("Value", .float(value))]
    }

    static func list(_ samples: [RuleTemplate.Sample]) -> TemplateValue {
        .list(
            TemplateList(
                samples.map { .object(TemplateSample(labels: $0.labels, value: $0.value)) },
                typeName: listTypeName))
    }

    static func elements(_ value: TemplateValue) -> [TemplateValue] {
        if case .list(let list) = value { list.elements } else { [] }
    }

    static func of(_ value: TemplateValue) -> TemplateSample? {
        if case .object(let object) = value { object as? TemplateSample } else { nil }
    }
}

/// `host:port`, `[::1]:port`.
private struct HostPort {
    var host: String
    var port: String

    /// As Go splits it; nil where there is no port.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        port = String(text[text.index(after: colon)...])
        let before = text[..<colon]
        if before.hasPrefix("[") {
            guard before.hasSuffix("]") else { return nil }
            host = String(before.dropFirst().dropLast())
        } else {
            if before.contains(":") { return nil }
            host = String(before)
        }
        if host.contains("[") || host.contains("]") || port.contains("[") || port.contains("]") {
            return nil
        }
    }

    /// The host's first label, with the port; an IP address stays as it is.
    static func withoutDomain(_ text: String) -> String {
        let split = HostPort(text)
        let host = split?.host ?? text
        if isAddress(host) { return text }
        let first = host.split(separator: ".", omittingEmptySubsequences: false).first ?? ""
        guard let port = split?.port, !port.isEmpty else { return String(first) }
        return first.contains(":") ? "[\(first)]:\(port)" : "\(first):\(port)"
    }

    private static func isAddress(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isV4 =
            parts.count == 4
            && parts.allSatisfy {
                UInt8($0) != nil && ($0 == "0" || !$0.hasPrefix("0"))
            }
        return isV4
            || (host.contains(":")
                && host.utf8.allSatisfy { byte in
                    (0x30...0x3a).contains(byte) || (0x61...0x66).contains(byte)
                        || (0x41...0x46).contains(byte) || byte == 0x2e
                })
    }
}
