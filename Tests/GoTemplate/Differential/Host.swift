import GoTemplate
import TestSupport

/// The struct `Host` of `peer.go`: fields, and methods that take arguments.
struct Host: TemplateObject {
    let name: String
    let port: Int64
    let tags: [String]

    var typeName: String { "main.Host" }

    var fields: [(name: String, value: TemplateValue)] {
        [
            ("Name", .string(name)), ("Port", .int(port)), ("Tags", .strings(tags)),
            ("Meta", .map(TemplateMap([("a", .null), ("n", .float(1.5))]))),
        ]
    }

    var datum: GoDatum {
        let tags = tags.map(GoDatum.quoted).joined(separator: ",")
        return .object(
            type: "host",
            json: "{\"Name\":\(GoDatum.quoted(name)),\"Port\":\(port),\"Tags\":[\(tags)],"
                + "\"Meta\":{\"a\":null,\"n\":1.5}}")
    }

    func method(_ method: String) -> TemplateFunction? {
        let (name, port) = (name, port)
        switch method {
        case "Hello": return TemplateFunction([.string]) { .string("\($0.string(0))@\(name)") }
        case "Scale":
            return TemplateFunction([.int, .float]) { call in
                guard case .int(let n) = call.arguments[0] else { return .null }
                return .float(Double(port &+ n) * call.float(1))
            }
        case "Both":
            return TemplateFunction([.bool, .bool]) { call in
                .bool(call.arguments[0].isTrue && call.arguments[1].isTrue)
            }
        case "All":
            return TemplateFunction([.string], variadic: true) { call in
                .strings([name] + call.arguments.indices.map { call.string($0) })
            }
        case "Any":
            return TemplateFunction([.any, .any], variadic: true) {
                .int(Int64($0.arguments.count - 1))
            }
        case "Fail":
            return TemplateFunction([.string]) { throw TemplateFunctionError($0.string(0)) }
        default: return nil
        }
    }
}

/// What templates are executed on, for Go and for us.
enum Sample {
    private static let host = Host(name: "alpha", port: 8080, tags: ["x", "y z"])

    /// A value for both sides.
    private indirect enum Both {
        case plain(GoDatum)
        case map([(String, Both)])
        case host

        var datum: GoDatum {
            switch self {
            case .plain(let datum): datum
            case .map(let entries): .map(entries.map { ($0, $1.datum) })
            case .host: Sample.host.datum
            }
        }

        var value: TemplateValue {
            switch self {
            case .plain(let datum): datum.templateValue
            case .map(let entries): .map(TemplateMap(entries.map { ($0, $1.value) }))
            case .host: .object(Sample.host)
            }
        }
    }

    private static let root = Both.map([
        ("i", .plain(.int(42))), ("neg", .plain(.int(-7))), ("zero", .plain(.int(0))),
        ("big", .plain(.int(.max))), ("f", .plain(.float(3.14159))),
        ("fs", .plain(.float(1e21))), ("fneg", .plain(.float(-0.5))), ("nan", .plain(.float(.nan))),
        ("inf", .plain(.float(-.infinity))), ("s", .plain(.string("text"))),
        ("e", .plain(.string(""))), ("u", .plain(.string("héllo ☃ 😀 ß\u{200b}"))),
        ("h", .plain(.string("<a href=\"x?y=1&z\">it's</a>"))),
        ("q", .plain(.string("quote\"s 'and' \\ back\tslash\n`tick`"))),
        ("ctl", .plain(.string("\u{0}\u{7f}\u{1b}\u{85}\u{feff}\u{e000}\u{10ffff}"))),
        ("b", .plain(.bool(true))), ("nb", .plain(.bool(false))), ("n", .plain(.null)),
        (
            "l",
            .plain(
                .list([
                    .int(1), .string("two"), .float(3), .null, .bool(true),
                    .list([.string("in"), .int(0)]), .map([("k", .string("v"))]),
                ]))
        ),
        ("ss", .plain(.strings(["a", "b c", "", "<d>"]))), ("es", .plain(.list([]))),
        (
            "m",
            .plain(
                .map([
                    ("a", .int(1)), ("é", .string("acute")), ("B", .null), ("k", .string("v")),
                    ("f", .float(0.1)),
                ]))
        ),
        ("sm", .plain(.stringMap([("k", "v"), ("a", ""), ("deep", "<&>")]))),
        (
            "nest",
            .plain(.map([("deep", .map([("a", .strings(["z"])), ("s", .string("deep"))]))]))
        ),
        ("host", .host), ("hosts", .map([("one", .host)])),
    ])

    static let datum = root.datum
    static let value = root.value
}

extension GoDatum {
    /// The same value for our templates.
    var templateValue: TemplateValue {
        switch self {
        case .null, .object: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .float(let value): .float(value)
        case .string(let text): .string(text)
        case .list(let list): .list(list.map(\.templateValue))
        case .strings(let list): .strings(list)
        case .map(let entries): .map(TemplateMap(entries.map { ($0, $1.templateValue) }))
        case .stringMap(let entries): .stringMap(entries.map { (key: $0, value: $1) })
        }
    }
}
