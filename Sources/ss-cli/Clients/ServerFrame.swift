import SimpleStreamKit

/// One frame of the wire protocol, as the engine or a server gave it.
struct ServerFrame: Sendable {
    /// The JSON object, unchanged.
    let json: [UInt8]
    let fields: JSONValue

    /// Nil for what is no JSON object with a type.
    init?(_ json: [UInt8]) {
        // Whoever sent that speaks another protocol; the run's numbers tell what is missing.
        guard let value = try? JSONValue(parsing: json, .provider), value["type"]?.string != nil else { return nil }
        self.json = json
        self.fields = value
    }

    init(_ fields: JSONValue) {
        self.json = fields.encoded
        self.fields = fields
    }

    var type: String { fields["type"]?.string ?? "" }
    var messageID: String? { fields["messageId"]?.string }
    var seq: Int? { fields["seq"]?.int }
    var isTerminal: Bool { type == "ai_chat_response" || type == "ai_chat_error" }

    /// The first number it covers.
    var fromSeq: Int? { fields["fromSeq"]?.int ?? seq }
}
