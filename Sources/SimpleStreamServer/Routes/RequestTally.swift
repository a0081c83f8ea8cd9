import HTTPTypes
import Synchronization

/// How many requests were answered and how long that took, by endpoint and kind of answer.
///
/// Endpoints are the paths of the description, never those of requests: strangers cannot make more of them.
final class RequestTally: Sendable {
    struct Key: Hashable, Sendable, Comparable {
        var method: String
        var route: String
        /// Such as `2xx`.
        var status: String

        static func < (left: Key, right: Key) -> Bool {
            (left.route, left.method, left.status) < (right.route, right.method, right.status)
        }
    }

    struct Sum: Sendable {
        var count = 0
        var seconds = 0.0
    }

    private let sums = Mutex<[Key: Sum]>([:])

    var all: [Key: Sum] { sums.withLock { $0 } }

    /// Until the head of the answer; streams go on after it.
    func answered(_ endpoint: Endpoint, _ status: HTTPResponse.Status, in time: Duration) {
        let key = Key(method: endpoint.method.rawValue, route: endpoint.path, status: "\(status.code / 100)xx")
        let seconds = time.timeInterval
        sums.withLock { sums in
            sums[key, default: Sum()].count += 1
            sums[key, default: Sum()].seconds += seconds
        }
    }
}
