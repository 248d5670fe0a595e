extension Array where Element: Sendable {
    /// What `transform` makes of each element, in their order, of some elements at once. The first error
    /// ends the rest.
    func mapConcurrently<Value: Sendable, Failure: Error>(
        atMost limit: Int,
        _ transform: @escaping @Sendable (Element) async throws(Failure) -> Value
    ) async throws(Failure) -> [Value] {
        let results = await withTaskGroup(
            of: (Int, Result<Value, Failure>).self
        ) { group -> [Result<Value, Failure>?] in
            var results = [Result<Value, Failure>?](repeating: nil, count: count)
            var next = 0
            func start() {
                guard next < count else { return }
                let (index, element) = (next, self[next])
                next += 1
                group.addTask {
                    (
                        index,
                        await Result(catching: { () async throws(Failure) in
                            try await transform(element)
                        })
                    )
                }
            }
            for _ in 0..<Swift.max(limit, 1) { start() }
            while let (index, result) = await group.next() {
                results[index] = result
                if case .failure = result {
                    group.cancelAll()
                    return [result]
                }
                start()
            }
            return results
        }
        return try results.compactMap(\.self).map { (result) throws(Failure) in try result.get() }
    }
}

extension Result where Success: Sendable {
    fileprivate init(catching body: () async throws(Failure) -> Success) async {
        do throws(Failure) { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
