import Synchronization

/// How many answers ended, by provider and how.
///
/// Both are few: providers are the operator's, outcomes ours.
package final class RunTally: Sendable {
    package struct Key: Hashable, Sendable, Comparable {
        package var provider: String
        /// `complete`, `cancelled`, or the code of what went wrong.
        package var outcome: String

        package static func < (left: Key, right: Key) -> Bool {
            (left.provider, left.outcome) < (right.provider, right.outcome)
        }
    }

    private let counts = Mutex<[Key: Int]>([:])

    package var all: [Key: Int] { counts.withLock { $0 } }

    func ended(_ answer: Message) {
        let outcome = answer.failure?.code.rawValue ?? answer.status.rawValue
        counts.withLock { $0[Key(provider: answer.provider ?? "", outcome: outcome), default: 0] += 1 }
    }
}
