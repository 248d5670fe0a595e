import Foundation
import GoTemplate
import Model
import Notify
import TestSupport
import Testing

/// Alertmanager's template functions and data, answered by Go and by us. Go's side is written from
/// Alertmanager's documentation with Go's standard library, so that `title` is not among them.
///
/// `TOCSIN_TEMPLATE_CASES` says how many, `TOCSIN_TEMPLATE_SEED` where the random numbers begin.
@Suite(.enabled(if: GoTemplatePeer.go != nil, "\(GoTemplatePeer.isMissing)"))
struct TemplateDifferentialTests {
    private static let now = Timestamp(milliseconds: 1_767_323_045_678)

    private static let alerts: [Alert] = [
        alert(
            ["alertname": "Disk", "host": "a1", "path": "/var <x>"],
            ["summary": "Disk & \"more\" é☃"], start: -3_600_000, end: nil),
        alert(
            ["alertname": "Disk", "host": "b2", "path": "/var <x>"], ["summary": ""],
            start: -90_061_001, end: -1500, detail: .init(nanoseconds: 456_789, offset: 7200)),
        alert(
            ["alertname": "Disk", "host": "c3", "path": "/var <x>"], [:], start: -250, end: nil),
    ]

    private static func alert(
        _ labels: [String: String], _ annotations: [String: String], start: Int64, end: Int64?,
        detail: WrittenTime.Detail? = nil
    ) -> Alert {
        var alert = Alert(
            labels: Labels(labels), annotations: Annotations(annotations),
            startsAt: now + Milliseconds(start), endsAt: end.map { now + Milliseconds($0) },
            generatorURL: "http://p/graph?g0.expr=up+%3D%3D+0", updatedAt: now)
        alert.writtenStart.detail = detail
        alert.writtenEnd?.detail = detail
        return alert
    }

    private static let data = NotificationData(
        receiver: "team.x/1", integration: "webhook", index: 0, groupKey: "{}:{}",
        groupLabels: Labels(["alertname": "Disk"]), alerts: alerts, externalURL: "http://am:9093",
        now: now)

    /// The same for Go.
    private static let datum = GoDatum.object(type: "notification", json: notification)

    private static func object(_ labels: Labels) -> String {
        let pairs = labels.sorted.map { GoDatum.quoted($0.name) + ":" + GoDatum.quoted($0.value) }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func json(_ alert: Alert) -> String {
        let status = alert.endsAt == nil ? "firing" : "resolved"
        let start = TemplateTime(alert.writtenStart).rfc3339
        let end = alert.writtenEnd.map { TemplateTime($0).rfc3339 } ?? "0001-01-01T00:00:00Z"
        let url = GoDatum.quoted(alert.generatorURL)
        return """
            {"status":"\(status)","labels":\(object(alert.labels)),\
            "annotations":\(object(alert.annotations.pairs)),"startsAt":"\(start)",\
            "endsAt":"\(end)","generatorURL":\(url),"fingerprint":"\(alert.fingerprint.description)"}
            """
    }

    private static var notification: String {
        let list = alerts.map(json).joined(separator: ",")
        return """
            {"receiver":"team\\\\.x/1","status":"firing","alerts":[\(list)],\
            "notification_reason":"unknown",\
            "groupLabels":{"alertname":"Disk"},\
            "commonLabels":{"alertname":"Disk","path":"/var <x>"},"commonAnnotations":{},\
            "externalURL":"http://am:9093"}
            """
    }

    private static func setting(_ name: String, or value: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
    }

    @Test func functionsAnswerAsGoDoes() async throws {
        GoTemplatePeer.tellAge()
        let comparesErrors = GoTemplatePeer.go?.isCurrent == true
        let count = TemplateDifferentialTests.setting("TOCSIN_TEMPLATE_CASES", or: 4000)
        let seed = TemplateDifferentialTests.setting("TOCSIN_TEMPLATE_SEED", or: 1)
        var grammar = FunctionGrammar(SeededRandom(seed: UInt64(clamping: seed)))
        let cases = (0..<count).map { _ in GoTemplatePeer.Case(.text, grammar.template()) }
        let answers = try await GoTemplatePeer().answers(
            cases, on: TemplateDifferentialTests.datum,
            now: TemplateDifferentialTests.now.description)
        #expect(answers.count == count)
        let templates = NotificationTemplates()
        var known: [String: Int] = [:]
        var wrong = 0
        for (one, go) in zip(cases, answers) {
            var our: GoTemplatePeer.Answer
            do {
                our = .init(.ok, try templates.render(one.text, TemplateDifferentialTests.data))
            } catch { our = .init(.run, error.description) }
            let isSame = our.text == go.text || (go.stage != .ok && !comparesErrors)
            if isSame, (our.stage == .ok) == (go.stage == .ok) { continue }
            if let reason = FunctionGrammar.difference(go) {
                known[reason, default: 0] += 1
                continue
            }
            wrong += 1
            if wrong <= 25 {
                Issue.record(
                    """
                    seed \(seed): \(one.text.debugDescription)
                    Go:   \(go.stage) \(go.text.debugDescription)
                    ours: \(our.stage) \(our.text.debugDescription)
                    """)
            }
        }
        #expect(wrong == 0, "\(wrong) of \(count) answers differ")
        #expect(known.values.reduce(0, +) <= count / 10, "\(known)")
        print("\(count) cases from seed \(seed), known differences: \(known)")
    }
}

/// Writes calls of Alertmanager's functions.
private struct FunctionGrammar {
    private var random: SeededRandom
    private var depth = 0

    init(_ random: SeededRandom) { self.random = random }

    /// Why Go's answer may be another than ours; nil where it may not.
    static func difference(_ go: GoTemplatePeer.Answer) -> String? {
        if go.broken == true { return "broken UTF-8: our texts cannot hold it" }
        if go.text.contains("int64") { return "all integers are int here" }
        let isOld = GoTemplatePeer.go?.isCurrent != true
        if isOld, go.text.hasSuffix("in type time.Time") {
            return "methods that Go 1.20 to 1.24 added"
        }
        if go.text.contains("error parsing regexp") { return "RE2 in C++ words its errors itself" }
        return nil
    }

    mutating func template() -> String {
        depth = 0
        switch random.below(12) {
        case 0: return "{{ range .Alerts }}{{ \(value()) }}|{{ end }}"
        case 1: return "{{ range .Alerts.Firing }}{{ \(value()) }}|{{ end }}"
        case 2: return "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ \(value()) }};{{ end }}"
        case 3: return "{{ range $k, $v := .CommonLabels }}{{ $k }}{{ $v }}{{ end }}"
        default: return "{{ \(value()) }}"
        }
    }

    private mutating func value() -> String {
        switch random.below(10) {
        case 0..<5: text()
        case 5: time()
        case 6: list()
        case 7:
            random.pick([
                "toJson ", "len ", "print ", "printf \"%v|%q\" ", "printf \"%s|%x|%#v\" ",
            ]) + "(\(any()))"
        case 8: duration()
        default: any()
        }
    }

    private mutating func any() -> String {
        switch random.below(12) {
        case 0: return ".Alerts"
        case 1: return ".CommonLabels"
        case 2: return "dict \"a\" (\(text())) \"b\" (\(any()))"
        case 3: return "list (\(text())) 1 nil true 1.5"
        case 4: return "append (list 1) (\(text()))"
        case 5: return list()
        case 6: return time()
        case 7:
            return random.pick(["1", "1.5", "1e21", "1e-7", "-0.25", "nil", "true", "100000000.0"])
        case 8: return random.pick(["dict 1 2", "dict \"a\"", "dict", "list", "append (list)"])
        case 9: return ".Alerts.Resolved"
        default: return text()
        }
    }

    private mutating func text() -> String {
        depth += 1
        defer { depth -= 1 }
        if depth > 3 { return random.pick(FunctionGrammar.texts) }
        switch random.below(15) {
        case 0: return "toUpper (\(text()))"
        case 1: return "toLower (\(text()))"
        case 2: return "trimSpace (\(text()))"
        case 3: return "join \(random.pick(FunctionGrammar.texts)) (\(list()))"
        case 4: return "match \(random.pick(FunctionGrammar.patterns)) (\(text()))"
        case 5: return "safeHtml (\(text()))"
        case 6: return "safeUrl (\(text()))"
        case 7, 8:
            let replacement = random.pick([
                "\"\"", "\"<$0>\"", "\"$1-$2\"", "\"${1}x\"", "\"$1x\"", "\"$$\"", "\"\\\\1\"",
                "\"$\"", "\"$name\"",
            ])
            return
                "reReplaceAll \(random.pick(FunctionGrammar.patterns)) \(replacement) (\(text()))"
        case 9: return "urlUnescape (\(text()))"
        case 10: return "date \(random.pick(FunctionGrammar.layouts)) (\(time()))"
        case 11: return "humanizeDuration (\(number()))"
        case 12:
            return
                "\(text()) | \(random.pick(["toUpper", "toLower", "trimSpace", "urlUnescape", "printf \"%q\"", "len", "safeHtml"]))"
        default: return random.pick(FunctionGrammar.texts)
        }
    }

    private mutating func number() -> String {
        switch random.below(4) {
        case 0: random.pick(["0", "1", "59", "60", "3600", "86400", "90061", "-5", "-90061"])
        case 1: random.pick(["0.5", "0.0012", "1.5", "59.999", "-0.25", "1e9", "123.456", "1e-9"])
        case 2:
            random.pick(["\"12\"", "\"1.5\"", "\"x\"", "\"\"", "\"NaN\"", "\"1e3\"", "true", "nil"])
        default: duration()
        }
    }

    private mutating func duration() -> String {
        random.pick([
            "since (index .Alerts 0).StartsAt", "since (index .Alerts 1).StartsAt",
            "(since (index .Alerts 1).EndsAt).Seconds", "(since (index .Alerts 1).StartsAt).Hours",
            "(since (index .Alerts 1).StartsAt).Round 1000000000",
            "since (index .Alerts 2).StartsAt",
            "(index .Alerts 1).EndsAt.Sub (index .Alerts 1).StartsAt",
        ])
    }

    private mutating func time() -> String {
        let moment = random.pick([
            "(index .Alerts 0).StartsAt", "(index .Alerts 1).StartsAt", "(index .Alerts 1).EndsAt",
            "(index .Alerts 0).EndsAt", "now",
        ])
        switch random.below(4) {
        case 0:
            let zone = random.pick([
                "UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "", "No/Where", "Local",
                "../x", "/etc/localtime", "Australia/Lord_Howe", "America/Sao_Paulo",
            ])
            return "tz \"\(zone)\" (\(moment))"
        case 1:
            let part = random.pick([
                "Year", "Month", "Day", "Hour", "Weekday", "YearDay", "Unix", "UnixMilli", "IsZero",
                "UTC", "Nanosecond", "Minute", "Second", "UnixMicro", "UnixNano", "Local", "IsDST",
                "Location", "GoString", "String", "MarshalText", "MarshalJSON", "MarshalBinary",
                "GobEncode", "Date", "Clock", "ISOWeek", "Zone", "ZoneBounds", "None",
                "AppendFormat nil \"06\"", "AppendText nil", "AppendBinary nil",
                "In (tz \"Asia/Tokyo\" now).Location", "In nil", "AddDate 1 2 3",
                "AddDate 0 -13 40",
                "Truncate 3600000000000", "Round 1000000", "Round 7", "Add 1", "Sub now",
                "After now",
                "Before now", "Equal now", "Compare now",
                "Format \"2006-01-02T15:04:05.999999999Z07:00\"",
            ])
            return "(\(random.chance(30) ? "tz \"Europe/Paris\" (\(moment))" : moment)).\(part)"
        default: return moment
        }
    }

    private mutating func list() -> String {
        switch random.below(6) {
        case 0: ".CommonLabels.Names"
        case 1: ".CommonLabels.Values"
        case 2: "(index .Alerts 0).Labels.Names"
        case 3: "(.CommonLabels.Remove (stringSlice \"path\")).Values"
        case 4: "stringSlice"
        default: "stringSlice \(random.pick(FunctionGrammar.texts)) \"b\""
        }
    }

    private static let texts = [
        "\"\"", "\"abc\"", "\" a b \\t\\n\"", "\"Straße ǆ ŉ İ ı ς Σ ᾀ ᾳ ﬁ\"", "\"é☃😀\"",
        "\"a-b_c.d\"",
        "\"%41%zz\"",
        "\"a%20b+c\"", "\"100%\"", "\"<a href='x'>&\"", "\"aXbXc\"", "\"host1:9100\"", ".Status",
        ".Receiver", ".ExternalURL", ".CommonLabels.path", ".CommonLabels.none",
        "(index .Alerts 0).Annotations.summary", "(index .Alerts 0).Labels.host",
        "(index .Alerts 1).Fingerprint", "(index .Alerts 0).GeneratorURL", "\"\\u00a0x\\u2003\"",
        "\"%e2%98%83\"", "\"key=value, k2=v2\"", "\"\\u2028<>&\"",
    ]
    private static let patterns = [
        "\"a\"", "\"^a.*c$\"", "\"(\\\\w+)-(\\\\w+)\"", "\"[aeiou]\"", "\"\"", "\"(\"", "\"X\"",
        "\"\\\\s+\"",
        "\"(?P<name>[a-z]+)\"", "\"é|☃\"", "\"(?i)ABC\"", "\".\"", "\"x*\"", "\"\\\\d+\"", "\"^\"",
        "\"$\"", "\"b?\"",
    ]
    private static let layouts = [
        "\"2006-01-02 15:04:05\"", "\"Mon Jan _2 15:04:05 MST 2006\"",
        "\"02/01/06 03:04 PM -0700\"",
        "\"Monday, January 2\"", "\"15:04:05.000\"", "\"05.999999\"", "\"Z07:00\"",
        "\"2006 002 __2\"",
        "\"3:4:5 pm\"", "\"Janet Monty 20060102\"", "\"\"", "\"_2006 06 1 2\"",
        "\"05,000000000 05.00x\"",
    ]
}
