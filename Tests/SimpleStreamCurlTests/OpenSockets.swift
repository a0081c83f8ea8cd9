import Foundation

/// Looks at the connections of this machine.
enum OpenSockets {
    /// The client sockets that are open to a loopback port, the system's leftovers of closed ones not counted.
    static func count(to port: Int) throws -> Int {
        let hex = String(port, radix: 16, uppercase: true)
        let wanted = ":" + String(repeating: "0", count: 4 - hex.count) + hex
        // Read to the end: the file has no size, and comes page by page.
        let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp"))
        defer { try? file.close() }
        let table = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        return table.split(separator: "\n").dropFirst().count { line in
            let fields = line.split(separator: " ")
            // Remote address, state, and the inode: 0 once no process holds the socket.
            return fields.count > 9 && fields[2].hasSuffix(wanted) && fields[9] != "0"
        }
    }
}
