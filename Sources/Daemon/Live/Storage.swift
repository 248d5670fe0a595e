import Logging
import Model
import Persistence
import Store

/// The databases of a daemon, as far as they can be opened.
///
/// A disk that fails must not stop alerting: what cannot be opened is done without, said loudly, and
/// named in the readiness. Only a directory that another daemon runs on is refused.
struct Storage {
    /// Why a write cannot be made.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    let state: StateDatabase?
    let samples: SampleDatabase?
    /// What was there when it was opened.
    let rows: [StateChange.Table: [String: [UInt8]]]
    /// What could not be opened, and what that costs.
    let problems: [String]

    init(directory: String, logger: Logger) throws {
        var problems: [String] = []
        do {
            let state = try StateDatabase(directory: directory)
            rows = try state.load()
            self.state = state
            if let moved = state.movedAside { logger.critical("\(moved)") }
        } catch let failure as StorageFailure where failure.isHeldByAnother {
            throw failure
        } catch {
            (state, rows) = (nil, [:])
            problems.append("\(error): alert state is in memory only, until a restart")
        }
        do {
            let samples = try SampleDatabase(directory: directory)
            self.samples = samples
            if let moved = samples.movedAside { logger.error("\(moved)") }
        } catch {
            samples = nil
            problems.append("\(error): samples are in memory only, until a restart")
        }
        self.problems = problems
        for problem in problems { logger.critical("\(problem)") }
    }
}
