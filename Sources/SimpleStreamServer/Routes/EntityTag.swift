/// The tags a browser says it has, in `If-None-Match`.
enum EntityTag {
    /// Whether `tag`, quotes included, is among them.
    static func isNamed(_ tag: String, in field: String?) -> Bool {
        (field ?? "").split(separator: ",").contains { part in
            let name = part.drop { $0 == " " }
            return name == "*" || name == tag[...] || name == "W/\(tag)"
        }
    }
}
