import Configuration
import Model

/// What keeps pushes from taking all memory, and the errors that name it.
struct PushLimits: Sendable {
    let settings: PushSettings
    /// What a series' labels may be.
    let rules: SampleRules

    init(_ settings: PushSettings, nameValidation: NameValidation) {
        self.settings = settings
        var rules = SampleRules()
        rules.limits.labels = settings.maximumLabels
        rules.limits.labelNameLength = settings.maximumLabelNameLength
        rules.limits.labelValueLength = settings.maximumLabelValueLength
        rules.nameValidation = nameValidation
        self.rules = rules
    }

    var tooManySeriesInGroup: String {
        "a group has more series than the limit push.max_series_per_group "
            + "(\(settings.maximumSeriesPerGroup))"
    }

    var tooManyGroups: String {
        "there are as many groups as the limit push.max_groups allows (\(settings.maximumGroups)): "
            + "delete some, set push.expire_after, or raise the limit"
    }

    var tooManySeries: String {
        "all groups together would have more series than the limit push.max_series "
            + "(\(settings.maximumSeries))"
    }

    var tooLarge: String {
        "all groups together would be larger than the limit push.max_size "
            + "(\(settings.maximumSize) bytes)"
    }
}
