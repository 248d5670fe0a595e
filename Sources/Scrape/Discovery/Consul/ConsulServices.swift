import Model

/// The services of an entry and what is known of them: a state machine.
///
/// Nothing is told before every service has been asked for once: at a reload, what was found before
/// stays until then. A service that fails later keeps its instances.
struct ConsulServices {
    private struct Service {
        var number: Int
        var group: DiscoveredGroup?
        var problem: String?
        var isAsked: Bool { group != nil || problem != nil }
    }

    private var services: [String: Service] = [:]
    private var isCatalogKnown = false
    private var catalogProblem: String?
    private var isComplete = false
    private var nextNumber = 0

    /// The names of the services that are watched.
    var names: some Sequence<String> { services.keys }

    /// The service is watched from now on; nil where it is so already. The number names the watch.
    mutating func watch(_ name: String) -> Int? {
        if services[name] != nil { return nil }
        nextNumber += 1
        services[name] = Service(number: nextNumber)
        return nextNumber
    }

    /// The service is watched no more.
    mutating func remove(_ name: String) { services[name] = nil }

    /// All services that are to be watched now are.
    mutating func catalogAnswered() {
        isCatalogKnown = true
        catalogProblem = nil
    }

    mutating func catalogFailed(_ problem: String) { catalogProblem = problem }

    /// A watch was answered; nil where its service is what it was.
    mutating func answered(_ name: String, _ number: Int, _ group: DiscoveredGroup?) {
        guard var service = services[name], service.number == number else { return }
        service.group = group ?? service.group
        service.problem = nil
        services[name] = service
    }

    mutating func failed(_ name: String, _ number: Int, _ problem: String) {
        guard services[name]?.number == number else { return }
        services[name]?.problem = problem
    }

    /// What is to be told now, or nil.
    mutating func update() -> SourceUpdate? {
        let sorted = services.sorted { $0.key < $1.key }.map(\.value)
        isComplete = isComplete || isCatalogKnown && sorted.allSatisfy(\.isAsked)
        let problems = [catalogProblem].compactMap(\.self) + sorted.compactMap(\.problem)
        if !isComplete, problems.isEmpty { return nil }
        return SourceUpdate(
            groups: isComplete ? sorted.compactMap(\.group) : nil, problems: problems)
    }
}
