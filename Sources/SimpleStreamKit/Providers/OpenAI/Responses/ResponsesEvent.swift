/// The members of a stream event that are looked at, found in one pass.
struct ResponsesEvent {
    var type: JSONView?
    var delta: JSONView?
    var item: JSONView?
    var response: JSONView?
    var annotation: JSONView?
    var error: JSONView?
    var isResponse = false
    /// Which item it is about; ids may change on the way.
    var outputIndex: Int?
    /// Which part of that item's content.
    var contentIndex: Int?

    init(_ event: JSONView) throws(JSONError) {
        guard event.kind == .object else { throw JSONError(.unexpectedByte, at: 0) }
        var members = event.members
        while let member = try members.next() {
            if member.isNamed("type") {
                type = member.value
            } else if member.isNamed("delta") {
                delta = member.value
            } else if member.isNamed("output_index") {
                outputIndex = member.value.int
            } else if member.isNamed("content_index") {
                contentIndex = member.value.int
            } else if member.isNamed("item") {
                item = member.value
            } else if member.isNamed("response") {
                response = member.value
            } else if member.isNamed("annotation") {
                annotation = member.value
            } else if member.isNamed("error") {
                error = member.value.isNull ? nil : member.value
            } else if member.isNamed("object") {
                isResponse = member.value.equals("response")
            }
        }
    }
}
