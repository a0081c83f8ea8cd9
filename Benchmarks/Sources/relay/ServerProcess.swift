import Foundation

/// A running ss-server and what the system says of it.
final class ServerProcess {
    let port: Int
    private let process = Process()
    private let directory: String

    init(binary: String, upstreamPort: Int) throws {
        directory = NSTemporaryDirectory() + "simple-stream-benchmark-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: binary)
        process.environment = [
            "PATH": "/usr/bin:/bin",
            "HOME": directory,
            "PORT": "0",
            "DATABASE_URL": "sqlite:\(directory)/store.sqlite",
            "LOCAL_BASE_URL": "http://127.0.0.1:1/v1",
            "SS_TITLES": "off",
            "LOG_LEVEL": "error",
            "SS_PROVIDERS": """
            [{"name": "bench", "wire": "openai-chat", "baseURL": "http://127.0.0.1:\(upstreamPort)/v1", \
            "apiKey": "none", "models": ["bench-1"]}]
            """,
        ]
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.contains("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw BenchmarkError("ss-server ended before it was ready") }
            line += String(decoding: data, as: UTF8.self)
        }
        guard let port = line.split(whereSeparator: { !$0.isNumber }).compactMap({ Int($0) }).last else {
            throw BenchmarkError("ss-server printed no address: \(line)")
        }
        self.port = port
    }

    /// CPU seconds used so far, user and system.
    func cpuSeconds() throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw BenchmarkError("no process times: \(stat)")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident memory in KiB.
    func residentKiB() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
