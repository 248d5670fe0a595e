extension Sequence where Element: Sendable {
    /// What `ask` makes of each element, in their order, with at most `limit` of them asked at a time. The
    /// first error ends it, and cancels what is under way.
    func asked<Answer: Sendable>(
        atOnce limit: Int,
        _ ask: @escaping @Sendable (Element) async throws(APIError) -> Answer
    ) async throws(APIError) -> [Answer] {
        let elements = Array(self)
        let result = await withTaskGroup(
            of: (Int, Result<Answer, APIError>).self, returning: Result<[Answer], APIError>.self
        ) { group in
            var waiting = elements.enumerated().makeIterator()
            func start() {
                guard let (index, element) = waiting.next() else { return }
                group.addTask {
                    do throws(APIError) {
                        return (index, .success(try await ask(element)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<Swift.max(limit, 1) { start() }
            var answers: [Answer?] = Array(repeating: nil, count: elements.count)
            for await (index, answer) in group {
                switch answer {
                case .success(let answer): answers[index] = answer
                case .failure(let error):
                    group.cancelAll()
                    return .failure(error)
                }
                start()
            }
            return .success(answers.compactMap(\.self))
        }
        return try result.get()
    }
}

extension Array {
    /// Its elements in order, in lists of at most `count`.
    func batches(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: Swift.max(count, 1)).map { start in
            Array(self[start..<Swift.min(start + Swift.max(count, 1), self.count)])
        }
    }
}
