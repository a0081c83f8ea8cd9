// The only place that reads arguments, environment and the standard streams.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

let context = CommandContext(
    environment: ProcessInfo.processInfo.environment,
    console: Console(input: 0, output: 1, errors: 2, environment: ProcessInfo.processInfo.environment),
    interrupts: Interrupts())
let status = await SSCommand.run(Array(CommandLine.arguments.dropFirst()), in: context)
exit(status.rawValue)
