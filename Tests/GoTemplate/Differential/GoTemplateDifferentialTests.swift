import Foundation
import GoTemplate
import TestSupport
import Testing

/// The same random templates answered by Go and by us: outputs must be the same, and error texts too
/// where Go is 1.25 or newer.
///
/// `TOCSIN_TEMPLATE_CASES` says how many, `TOCSIN_TEMPLATE_SEED` where the random numbers begin.
@Suite(.enabled(if: GoTemplatePeer.go != nil, "\(GoTemplatePeer.isMissing)"))
struct GoTemplateDifferentialTests {
    private static func setting(_ name: String, or value: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
    }

    private let count = setting("TOCSIN_TEMPLATE_CASES", or: 4000)
    private let seed = UInt64(clamping: setting("TOCSIN_TEMPLATE_SEED", or: 1))

    private static let limits: TemplateLimits = {
        var limits = TemplateLimits()
        limits.steps = 20_000
        return limits
    }()

    private static let functions = TextFunctions.all.merging([
        "safeUrl": TemplateFunction([.string]) { .safe(SafeText($0.string(0), .url)) }
    ]) { $1 }

    private func comparesTexts(of go: GoTemplatePeer.Answer) -> Bool {
        go.stage == .ok || GoTemplatePeer.go?.isCurrent == true
    }

    private func ours(_ one: GoTemplatePeer.Case) -> GoTemplatePeer.Answer {
        let missing: MissingKey =
            switch one.mode {
            case .text, .html: .zero
            case .plain: .invalid
            case .strict: .error
            }
        let set = TemplateSet(
            functions: GoTemplateDifferentialTests.functions, missingKey: missing,
            escapesHTML: one.mode == .html,
            limits: GoTemplateDifferentialTests.limits)
        let template: Template
        do { template = try set.template(one.text) } catch {
            return .init(.parse, error.description)
        }
        do { return .init(.ok, try template.execute(Sample.value)) } catch {
            return .init(.run, error.description)
        }
    }

    private func compare(_ cases: [GoTemplatePeer.Case]) async throws {
        GoTemplatePeer.tellAge()
        let answers = try await GoTemplatePeer().answers(cases, on: Sample.datum)
        #expect(answers.count == cases.count && cases.count == count)
        var known: [String: Int] = [:]
        var stages: [GoTemplatePeer.Answer.Stage: Int] = [:]
        var wrong = 0
        for (one, go) in zip(cases, answers) {
            stages[go.stage, default: 0] += 1
            if KnownDifferences.isCountedLoop(go) {
                known["Go 1.24 counts up to integers", default: 0] += 1
                continue
            }
            let our = ours(one)
            if our.stage == go.stage, our.text == go.text || !comparesTexts(of: go) { continue }
            if let reason = KnownDifferences.reason(one, go: go, our: our) {
                known[reason, default: 0] += 1
                continue
            }
            wrong += 1
            if wrong <= 25 {
                Issue.record(
                    """
                    seed \(seed), \(one.mode): \(one.text.debugDescription)
                    Go:   \(go.stage) \(go.text.debugDescription)
                    ours: \(our.stage) \(our.text.debugDescription)
                    """)
            }
        }
        // Excuses are for few.
        #expect(known.values.reduce(0, +) <= count / 4, "\(known)")
        #expect(wrong == 0, "\(wrong) of \(count) answers differ")
        print("\(count) cases from seed \(seed): \(stages), known differences: \(known)")
    }

    @Test func answersAsGo() async throws {
        var random = SeededRandom(seed: seed)
        var grammar = TemplateGrammar(SeededRandom(seed: random.next()))
        let cases = (0..<count).map { _ in
            GoTemplatePeer.Case(
                random.pick([.text, .text, .text, .plain, .strict]), grammar.template())
        }
        try await compare(cases)
    }

    @Test func escapesAsGo() async throws {
        var grammar = HTMLGrammar(SeededRandom(seed: seed &+ 1 << 32))
        try await compare((0..<count).map { _ in .init(.html, grammar.template()) })
    }
}
