import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

extension API {
    var metrics: [Endpoint] {
        [
            Endpoint(
                .get, "/metrics",
                "Counters in Prometheus' text format, for this machine and tokens with scope ops.", answer: .bytes,
                needs: .nothing
            ) { request in
                guard request.isFromOperator else {
                    throw request.caller == nil
                        ? ChatError(.unauthenticated, "This takes a token with the scope ops.")
                        : ChatError(.forbidden, "This takes a token with the scope ops.")
                }
                return Response(
                    status: .ok,
                    headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: exposition)))
            }
        ]
    }

    private var exposition: String {
        var text = Exposition()
        text.begin("ss_info", "gauge", "The program's version.")
        text.sample("ss_info", [("version", ServerVersion.current)], 1)
        text.begin("ss_connections", "gauge", "Open connections of every kind.")
        text.sample("ss_connections", [], Double(connections.count))
        text.begin("ss_connections_refused_total", "counter", "Connections of addresses that had too many.")
        text.sample("ss_connections_refused_total", [], Double(connections.refusedCount))
        text.begin("ss_websockets", "gauge", "Open sockets.")
        text.sample("ss_websockets", [], Double(hub.count))
        text.begin("ss_event_streams", "gauge", "Open event streams.")
        text.sample("ss_event_streams", [], Double(hub.streamCount))
        text.begin("ss_runs_active", "gauge", "Answers being written on this node.")
        text.sample("ss_runs_active", [], Double(chat.activeRunCount))
        text.begin("ss_draining", "gauge", "1 while the server is about to stop.")
        text.sample("ss_draining", [], chat.isDraining ? 1 : 0)
        text.begin("ss_runs_total", "counter", "Answers that ended on this node, by provider and outcome.")
        for (key, count) in chat.tally.all.sorted(by: { $0.key < $1.key }) {
            text.sample("ss_runs_total", [("provider", key.provider), ("outcome", key.outcome)], Double(count))
        }
        let requests = tally.all.sorted { $0.key < $1.key }
        text.begin("ss_http_requests_total", "counter", "Requests, by endpoint and kind of answer.")
        for (key, sum) in requests { text.sample("ss_http_requests_total", key.labels, Double(sum.count)) }
        text.begin("ss_http_request_seconds_total", "counter", "Time until the answers' heads, the same way.")
        for (key, sum) in requests { text.sample("ss_http_request_seconds_total", key.labels, sum.seconds) }
        return text.text
    }
}

extension RequestTally.Key {
    fileprivate var labels: [(String, String)] { [("method", method), ("route", route), ("status", status)] }
}

/// Prometheus' text format.
struct Exposition {
    private(set) var text = ""

    mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let list = labels.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }
        text += name + (list.isEmpty ? "" : "{\(list.joined(separator: ","))}") + " \(value)\n"
    }
}
