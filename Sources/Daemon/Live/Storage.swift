import Logging
import Model
import Persistence
import Store

/// The databases of a daemon, as far as they can be opened.
///
/// A disk that fails must not stop alerting: what cannot be opened is done without, said loudly, and
/// named in the readiness. A folder that cannot be made or written is a mistake that whoever starts the
/// daemon can mend: it is refused.
struct Storage {
    /// Why a write cannot be made.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// Why a daemon does not start, and what to do.
    struct Refused: Error, CustomStringConvertible {
        let failure: StorageFailure

        var description: String {
            """
            the storage cannot be used: \(failure). Mend that, or name a folder that this process may \
            write and no other uses, with tocsin.storage.path or --storage.path
            """
        }
    }

    let state: StateDatabase?
    let samples: SampleDatabase?
    /// What was there when it was opened.
    let rows: [StateChange.Table: [String: [UInt8]]]
    /// The number of the newest row.
    let lastSequence: UInt64
    /// What could not be opened, and what that costs.
    let problems: [String]

    init(directory: String, logger: Logger) throws(Refused) {
        var problems: [String] = []
        (state, rows, lastSequence) =
            try Storage.open("alert state", &problems) {
                () -> (StateDatabase?, [StateChange.Table: [String: [UInt8]]], UInt64) in
                let state = try StateDatabase(directory: directory)
                if let moved = state.movedAside { logger.critical("\(moved)") }
                return (state, try state.load(), try state.lastSequence())
            } ?? (nil, [:], 0)
        samples = try Storage.open("samples", &problems) {
            let samples = try SampleDatabase(directory: directory)
            if let moved = samples.movedAside { logger.error("\(moved)") }
            return samples
        }
        self.problems = problems
        for problem in problems { logger.critical("\(problem)") }
    }

    private static func open<Value>(
        _ what: String, _ problems: inout [String], _ body: () throws -> Value
    ) throws(Refused) -> Value? {
        do {
            return try body()
        } catch let failure as StorageFailure where failure.kind == .mistake {
            throw Refused(failure: failure)
        } catch {
            problems.append("\(error): \(what) in memory only, until a restart")
            return nil
        }
    }
}
