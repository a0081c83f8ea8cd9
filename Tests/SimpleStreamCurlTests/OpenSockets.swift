import Foundation

/// Looks at the connections of this machine.
enum OpenSockets {
    /// The client sockets that are open to a loopback port, the system's leftovers of closed ones not counted.
    static func count(to port: Int) throws -> Int {
        let wanted = hex(port)
        // Remote address, and the inode: 0 once no process holds the socket.
        return try lines().count { $0.count > 9 && $0[2].hasSuffix(wanted) && $0[9] != "0" }
    }

    /// Whether a server waits for connections.
    static func isListening(on port: Int) throws -> Bool {
        let wanted = hex(port)
        return try lines().contains { $0.count > 9 && $0[1].hasSuffix(wanted) && $0[3] == "0A" }
    }

    private static func hex(_ port: Int) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return ":" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func lines() throws -> [[Substring]] {
        // Read to the end: the file has no size, and comes page by page.
        let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp"))
        defer { try? file.close() }
        let table = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        return table.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
    }
}
