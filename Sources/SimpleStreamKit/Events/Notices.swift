#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Events that belong to no run.
package enum Notice {
    /// `error`: a client's frame that started no run.
    package static func error(_ error: ChatError, requestID: String?) -> Frame {
        var event = EventWriter("error")
        event.field("code", error.code.rawValue)
        event.field("message", error.message)
        event.field("retryable", error.isRetryable)
        event.field("retryAfterMs", error.retryAfter?.milliseconds)
        event.field("requestId", requestID)
        return .notice(event.finish())
    }

    package static func pong(userID: String, t: Int?) -> Frame {
        var event = EventWriter("pong")
        event.field("userId", userID)
        event.field("t", t ?? Date().milliseconds)
        return .notice(event.finish())
    }

    package static func ping() -> Frame {
        var event = EventWriter("ping")
        event.field("t", Date().milliseconds)
        return .notice(event.finish())
    }

    package static func draining(reconnectAfter: Duration) -> Frame {
        var event = EventWriter("server:draining")
        event.field("reconnectAfterMs", reconnectAfter.milliseconds)
        return .notice(event.finish())
    }

    package static func ready(
        userID: String, connectionID: String, heartbeat: Duration, limits: [(name: String, value: Int)]
    ) -> Frame {
        var event = EventWriter("session:ready")
        event.field("userId", userID)
        event.field("connectionId", connectionID)
        event.field("protocol", 1)
        event.field("heartbeatMs", heartbeat.milliseconds)
        var object = JSONObject()
        for limit in limits { object[limit.name] = .integer(limit.value) }
        event.field("limits", json: .object(object))
        return .notice(event.finish())
    }

    /// From node to node; no client gets it.
    static func look(at messageIDs: [String]) -> Frame {
        var event = EventWriter("ctl:look")
        event.field("runs", json: .array(messageIDs.map(JSONValue.string)))
        return .notice(event.finish())
    }

    static func typing(conversationID: String, userID: String, senderID: String) -> Frame {
        var event = EventWriter("typing")
        event.field("conversationId", conversationID)
        event.field("userId", userID)
        return .notice(event.finish(), senderID: senderID)
    }

    static func conversation(_ type: String, id: String, userID: String, title: String?) -> Frame {
        var event = EventWriter(type)
        event.field("conversationId", id)
        event.field("userId", userID)
        event.field("title", title)
        event.field("timestamp", Date().milliseconds)
        return .notice(event.finish())
    }

    package static func settingsUpdated(userID: String, changes: JSONValue) -> Frame {
        var event = EventWriter("user:settings_updated")
        event.field("userId", userID)
        event.field("changes", json: changes)
        event.field("timestamp", Date().milliseconds)
        return .notice(event.finish())
    }

    package static func keyUpdated(userID: String, provider: String, action: String) -> Frame {
        var event = EventWriter("user:api_key_updated")
        event.field("userId", userID)
        event.field("provider", provider)
        event.field("action", action)
        event.field("timestamp", Date().milliseconds)
        return .notice(event.finish())
    }
}

extension Frame {
    /// A frame that is not numbered; the connection `senderID` does not get it back.
    package static func notice(_ json: [UInt8], senderID: String = "") -> Frame {
        Frame(kind: .notice, messageID: "", fromSeq: 0, seq: 0, json: json, senderID: senderID)
    }
}
