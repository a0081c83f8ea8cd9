import Foundation
import Synchronization
import TestSupport

/// A running ss-cli: what it says is collected, and can be waited for.
final class CLIProcess: Sendable {
    /// What came out, and how it ended.
    struct Result: Sendable {
        var output: String
        var errors: String
        /// The exit code; negative for the signal that ended the process.
        var status: Int32

        /// The lines of standard output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Where standard output goes.
    enum Output {
        case pipe
        /// A pipe whose reader takes the first bytes and leaves, as `head` does.
        case head
        /// A file on a disk without any room.
        case fullDisk
        /// Standard output and standard error are one terminal, and standard input too.
        case terminal
    }

    let output: CollectedBytes
    let errors: CollectedBytes
    private let process: pid_t
    private let input: FileHandle
    private let ended = ScriptedUpstream.Gate()
    private let waitStatus = Mutex<Int32>(0)

    init(
        _ arguments: [String], of program: String = "ss-cli", environment: [String: String], input text: String? = "",
        output kind: Output = .pipe
    ) throws {
        // No child may inherit what another's is being made of.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        switch kind {
        case .pipe, .head, .fullDisk:
            let (inPipe, outPipe, errPipe) = (try Self.openPipe(), try Self.openPipe(), try Self.openPipe())
            let out = kind == .fullDisk ? unsafe open("/dev/full", O_WRONLY | O_CLOEXEC) : outPipe.write
            process = try Self.spawn(program, arguments, environment, [inPipe.read, out, errPipe.write])
            if out != outPipe.write { close(out) }
            input = FileHandle(fileDescriptor: inPipe.write, closeOnDealloc: true)
            output = CollectedBytes(
                FileHandle(fileDescriptor: outPipe.read, closeOnDealloc: true), leavesEarly: kind == .head)
            errors = CollectedBytes(FileHandle(fileDescriptor: errPipe.read, closeOnDealloc: true))
            for end in [inPipe.read, outPipe.write, errPipe.write] { close(end) }
        case .terminal:
            let (main, end) = try Self.openTerminal()
            process = try Self.spawn(program, arguments, environment, [end, end, end])
            close(end)
            input = FileHandle(fileDescriptor: main, closeOnDealloc: true)
            output = CollectedBytes(input)
            errors = output
        }
        waitInBackground()
        output.startReading()
        if kind != .terminal {
            errors.startReading()
            if let text { sendInput(text.utf8) }
        }
    }

    private static let spawning = NSLock()

    private func waitInBackground() {
        Thread.detachNewThread { [self] in
            var status: Int32 = 0
            while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
            waitStatus.withLock { $0 = status }
            ended.open()
        }
    }

    /// Writes to standard input, in the background, and ends it.
    func sendInput(_ bytes: some Sequence<UInt8>) {
        let (input, data) = (self.input, Data(bytes))
        DispatchQueue.global().async {
            // A process that does not read its input ends before all is written.
            try? input.write(contentsOf: data)
            try? input.close()
        }
    }

    /// Types into the terminal.
    func type(_ text: String) throws { try input.write(contentsOf: Data(text.utf8)) }

    /// Waits until the program has taken over the signals, which it does before it reads its input.
    func hasStarted() async throws {
        let mask = UInt64(1) << UInt64(SIGINT - 1)
        while true {
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
            let bits = caught.flatMap { UInt64($0.dropFirst("SigCgt:".count).filter(\.isHexDigit), radix: 16) } ?? 0
            if bits & mask != 0 { return }
            await Task.yield()
        }
    }

    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for the end.
    func result() async throws -> Result {
        try await withTaskCancellationHandler {
            try await ended.wait()
        } onCancel: {
            send(SIGKILL)
        }
        await output.end()
        await errors.end()
        let status = waitStatus.withLock { $0 }
        let signal = status & 0x7F
        return Result(output: output.text, errors: errors.text, status: signal == 0 ? (status >> 8) & 0xFF : -signal)
    }

    /// A program, built beside the tests.
    private static func executable(_ name: String) -> URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }

    /// Starts the program with three descriptors and no others.
    private static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String], _ descriptors: [Int32]
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        // Sockets of the tests, which a child would keep open. Closing what is not open is no error here.
        for descriptor in 3..<Self.highestDescriptor + 256 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        let path = executable(program).path
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var settings = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (words + settings).forEach { unsafe free($0) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, path, &actions, nil, &words, &settings)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        return process
    }

    private static var highestDescriptor: Int32 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return max(names.compactMap { Int32($0) }.max() ?? 0, 1024)
    }

    private static func openPipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func openTerminal() throws -> (main: Int32, end: Int32) {
        // What unlockpt and ptsname do; the C library's module does not have them.
        let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        let main = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number): (Int32, Int32) = (0, 0)
        guard main >= 0, unsafe ioctl(main, setLock, &lock) == 0, unsafe ioctl(main, getNumber, &number) == 0 else {
            throw POSIXError(.EIO)
        }
        let end = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard end >= 0 else { throw POSIXError(.EIO) }
        return (main, end)
    }
}

/// The bytes of a stream as they come.
final class CollectedBytes: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
        var waiters: [(condition: @Sendable (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let handle: FileHandle
    private let state = Mutex(State())

    private let leavesEarly: Bool

    init(_ handle: FileHandle, leavesEarly: Bool = false) {
        self.handle = handle
        self.leavesEarly = leavesEarly
    }

    var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

    /// Reads on a thread of its own.
    func startReading() {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while state.withLock({ !$0.hasEnded }) {
                let count = unsafe read(handle.fileDescriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                // A terminal whose other end has closed reads as an error.
                guard count > 0 else { break }
                change { $0.bytes += buffer.prefix(count) }
                if leavesEarly {
                    // What cannot be closed was closed.
                    try? handle.close()
                    break
                }
            }
            change { $0.hasEnded = true }
        }
    }

    /// Waits until the stream holds `text`, or has ended.
    func contains(_ text: String) async {
        await wait { $0.hasEnded || String(decoding: $0.bytes, as: UTF8.self).contains(text) }
    }

    /// Waits for the end.
    func end() async { await wait { $0.hasEnded } }

    private func wait(_ condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isFulfilled = state.withLock { state in
                if condition(state) { return true }
                state.waiters.append((condition, continuation))
                return false
            }
            if isFulfilled { continuation.resume() }
        }
    }

    private func change(_ change: (inout State) -> Void) {
        let fulfilled = state.withLock { state in
            change(&state)
            let copy = state
            let fulfilled = state.waiters.filter { $0.condition(copy) }
            state.waiters.removeAll { $0.condition(copy) }
            return fulfilled.map(\.continuation)
        }
        for continuation in fulfilled { continuation.resume() }
    }
}
