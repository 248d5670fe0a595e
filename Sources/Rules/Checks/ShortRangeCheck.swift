import Model
import PromQL

extension RuleCheck {
    /// A rate has two samples to go by.
    static let shortRange = RuleCheck(
        "rule/short-range",
        reason: "rate() and its kin need two samples: over less than two scrape intervals they "
            + "often have one, and give nothing."
    ) { rule, context in
        var findings: [Finding] = []
        rule.expr?.forEachSelector { use in
            guard case .milliseconds(let length)? = use.range,
                let function = use.enclosingFunctions.last, needTwoSamples.contains(function),
                let interval = context.scrapeInterval(of: use.selector),
                length < interval.value.multipliedSaturating(2)
            else { return }
            let enough = Milliseconds(interval.value.multipliedSaturating(4))
            findings.append(
                Finding(
                    severity: .warning,
                    place: rule.text.place(
                        ofByte: use.node.range.start, in: context.sources[rule.text.place.file]),
                    path: rule.path("expr"),
                    message: "\(function)() over \(Milliseconds(length)) of series that are "
                        + "scraped every \(interval) often sees one sample and gives nothing; "
                        + "make it \(enough)"))
        }
        return findings
    }

    private static let needTwoSamples: Set<String> = [
        "rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear",
    ]
}

extension CheckContext {
    /// How often a selector's series are scraped at best; nil where that is not known.
    fileprivate func scrapeInterval(of selector: VectorSelector) -> Milliseconds? {
        let conditions = selector.matchers.filter { $0.name.bytesEqual("job") }
        return scrapeIntervals.filter { job, _ in conditions.allSatisfy { $0.matches(job) } }
            .values.min()
    }
}
