// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The instruction set is chosen once, at build time: the host's own by default, or the level named in
// TERN_CPU_LEVEL (for example x86-64-v3) for binaries that travel to other machines.
let cpuLevel = ProcessInfo.processInfo.environment["TERN_CPU_LEVEL"] ?? "native"
let vectorised: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-march=\(cpuLevel)", "-Xcc", "-mprefer-vector-width=512", "-Xcc", "-fno-math-errno"])
]
// Permutations of 64 bytes are one instruction since Ice Lake and Zen 4, and no level of x86-64 names it.
let permutesBytes =
  cpuLevel == "native"
  && (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains("avx512_vbmi") == true
let kernels: [SwiftSetting] =
  vectorised + [.unsafeFlags(["-Ounchecked"])] + (permutesBytes ? [.define("BYTE_PERMUTATION")] : [])

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map {
  Target.Dependency.product(name: $0, package: "swift-nio")
}

/// A library of a wing: `Sources/<wing>/<name>`, and its mirror `Tests/<name>Tests`.
func library(
  _ wing: String, _ name: String, _ dependencies: [Target.Dependency] = [],
  settings: [SwiftSetting] = vectorised, testing: [Target.Dependency] = []
) -> [Target] {
  [
    .target(
      name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)", swiftSettings: settings),
    .testTarget(
      name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies + testing,
      exclude: golden(name),
      swiftSettings: vectorised),
  ]
}

/// Golden files are read by path, not bundled.
func golden(_ name: String) -> [String] {
  [
    "Artifacts", "Backtest", "Boosting", "Checkpoints", "Evaluation", "EventFiles", "Explanations",
    "Features",
    "ForestFormats", "HDF5", "HDF5Reader",
    "Journal", "Labels", "Monitoring", "NetworkExplanations", "Networks", "Optimizers", "Preprocessing",
  ].contains(name) ? ["Golden"] : []
}

/// A C library of the system with its shims.
func system(_ wing: String, _ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/\(wing)/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A program: `Sources/Commands/<name>`.
func program(
  _ name: String, _ dependencies: [Target.Dependency], path: String? = nil, linker: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: path ?? "Sources/Commands/\(name)",
    swiftSettings: vectorised, linkerSettings: linker)
}

/// The Swift runtime inside the program, and nothing that no code reaches.
let slim: [LinkerSetting] = [
  .unsafeFlags(["-static-stdlib", "-Xlinker", "--gc-sections", "-Xlinker", "--no-export-dynamic"]),
  .linkedLibrary("_FoundationCollections"), .linkedLibrary("_FoundationCShims"),
]

let base: [Target] =
  library("Base", "Diagnostics")
  + library("Base", "Chronology", ["Diagnostics"])
  + [.systemLibrary(name: "CAllocator", path: "Sources/Base/CAllocator")]
  + library("Base", "Threads", ["Diagnostics", "CAllocator"])
  + library("Base", "Files", ["Diagnostics", crypto], testing: ["TestSupport"])
  + [system("Base", "CZlib", pkgConfig: "zlib", apt: "zlib1g-dev")]
  + library("Base", "Compression", ["Diagnostics", "CZlib"])
  + [system("Base", "CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev")]
  + library("Base", "YAML", ["Diagnostics", "CYAML"])
  + library("Base", "Settings", ["Diagnostics", "Files", "YAML"], testing: ["Market"])
  + library("Base", "Pages", ["Chronology"])
  + library("Base", "CommandFrame", ["Diagnostics", "Files", argumentParser])

let numerics: [Target] =
  library("Numerics", "Compute", ["Diagnostics"], settings: kernels)
  + library("Numerics", "Tensors", ["Compute"], settings: kernels)
  + [system("Numerics", "COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev")]
  + library("Numerics", "BLAS", ["Tensors", "COpenBLAS"], testing: ["Compute"])
  + [system("Numerics", "CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev")]
  + library("Numerics", "HDF5", ["Diagnostics", "Files", "CHDF5", "HDF5Reader"], testing: ["TestSupport"])
  + library(
    "Numerics", "HDF5Reader", ["Diagnostics", "Threads", "Files", "Compression"],
    testing: ["Compute", "HDF5"])

let learning: [Target] =
  library("Learning", "Trees", ["Diagnostics", "Compute"], settings: kernels)
  + library(
    "Learning", "Boosting", ["Diagnostics", "Compute", "Trees"], settings: kernels, testing: ["TestSupport"])
  + library("Learning", "Explanations", ["Diagnostics", "Pages", "Compute", "Trees"], settings: kernels)
  + library("Learning", "ONNX", ["Diagnostics"])
  + library(
    "Learning", "ForestFormats", ["Diagnostics", "Compute", "ONNX", "Trees"], testing: ["Explanations"])
  + library("Learning", "Optimizers", ["Diagnostics", "Compute"], settings: kernels)
  + library("Learning", "Preprocessing", ["Diagnostics", "Compute"])
  + library("Learning", "Layers", ["Diagnostics", "Compute", "Tensors"])
  + library("Learning", "Autograd", ["Layers", "Tensors"], testing: ["Compute", "Diagnostics"])
  + library(
    "Learning", "Networks", ["Diagnostics", "Compute", "Tensors", "Layers"],
    testing: ["Autograd", "NetworkFormats", "NetworkMeter", "Optimizers", "TestSupport"])
  + library(
    "Learning", "NetworkFormats", ["Diagnostics", "Compute", "ONNX", "Tensors", "Layers", "Networks"])
  + library(
    "Learning", "Fitting",
    [
      "Diagnostics", "Chronology", "Threads", "Compute", "Boosting", "Tensors", "Layers", "Autograd",
      "Networks",
      "Optimizers",
    ])
  + library(
    "Learning", "NetworkModels",
    ["Diagnostics", "Compute", "Tensors", "Layers", "Networks", "Preprocessing"])
  + library(
    "Learning", "RowModels", ["Diagnostics", "Compute", "Trees", "NetworkModels"],
    testing: ["Boosting", "Layers", "Networks", "Preprocessing"])
  + library(
    "Learning", "NetworkExplanations",
    [
      "Diagnostics", "Compute", "Tensors", "Layers", "Autograd", "Networks", "Preprocessing", "NetworkModels",
      "Explanations",
    ], testing: ["NetworkFormats", "Artifacts"])
  + library("Learning", "EventFiles", ["Diagnostics", "Chronology", "Files"], testing: ["TestSupport"])

let market: [Target] =
  library("Market", "Market", ["Diagnostics", "Chronology"])
  + library("Market", "Features", ["Diagnostics", "Chronology", "Files", "Market"], settings: kernels)
  + library("Market", "Labels", ["Diagnostics", "Market"], testing: ["MarketFixtures"])
  + library(
    "Market", "Feeds",
    ["Diagnostics", "Chronology", "Files", "Compression", "Compute", "HDF5Reader", "Market"],
    testing: ["Datasets", "MarketFixtures"])
  + library(
    "Market", "Datasets",
    ["Diagnostics", "Chronology", "Files", "Compression", "Compute", "HDF5", "Market", "Feeds"],
    testing: ["MarketFixtures"])

let trading: [Target] =
  library("Trading", "Calibration", ["Diagnostics"])
  + library(
    "Trading", "Evaluation", ["Diagnostics", "Chronology", "Compute", "RowModels", "Calibration"])
  + library(
    "Trading", "Reporting",
    ["Diagnostics", "Chronology", "Files", "Pages", "Calibration", "Evaluation"])
  + library("Trading", "Orders", ["Diagnostics", "Market"], testing: ["Files"])
  + library("Trading", "Accounts", ["Diagnostics", "Market", "Orders"], testing: ["Compute"])
  + library(
    "Trading", "Risk", ["Diagnostics", "Chronology", "Market", "Orders", "Accounts"], testing: ["Compute"])
  + library(
    "Trading", "Execution", ["Diagnostics", "Market", "Orders", "Accounts", "Risk"], testing: ["Compute"])
  + library(
    "Trading", "Simulation", ["Diagnostics", "Market", "Orders", "Accounts", "Risk", "Execution"],
    testing: ["Backtest", "Compute"])
  + library(
    "Trading", "Backtest", ["Diagnostics", "Chronology", "Compute", "Market", "Labels"],
    testing: ["MarketFixtures"])
  + library(
    "Trading", "Journal", ["Diagnostics", "Files", "Market"], testing: ["JournalProbe", "TestSupport"])
  + library(
    "Trading", "Decision",
    [
      "Diagnostics", "Chronology", "Market", "Features", "Trees", "RowModels", "Calibration", "Orders",
      "Accounts",
    ],
    testing: ["Compute", "DecisionFixtures", "TestSupport"])

let storage: [Target] =
  library(
    "Storage", "Artifacts",
    [
      "Diagnostics", "Files", "Compute", "Trees", "Layers", "NetworkModels", "RowModels", "Market",
      "Calibration",
    ],
    testing: ["Networks", "Preprocessing"])
  + library(
    "Storage", "Registry", ["Diagnostics", "Chronology", "Files", "Artifacts", grdb],
    testing: ["RegistryWriter", "Checkpoints", "TestSupport"])
  + library("Storage", "Checkpoints", ["Diagnostics", "Files", "HDF5", "Artifacts"])
  // A process that tests can kill at any moment.
  + [
    program(
      "RegistryWriter", ["Diagnostics", "Chronology", "Files", "Artifacts", "Checkpoints", "Registry"],
      path: "Tests/Support/RegistryWriter")
  ]

let serving: [Target] =
  library(
    "Serving", "Stacks",
    [
      "Diagnostics", "Threads", "Files", "RowModels", "Market", "Features", "Trees", "Calibration", "Orders",
      "Decision", "Artifacts",
    ],
    testing: [
      "Chronology", "Compute", "Datasets", "DecisionFixtures", "Evaluation", "Feeds", "Pipelines", "Registry",
      "Settings", "StackFixtures",
    ])
  + library("Serving", "Monitoring", ["Diagnostics", "Files"] + nio)
  + library(
    "Serving", "Sessions",
    [
      "Diagnostics", "Chronology", "Files", "Market", "Features", "Feeds", "Orders", "Accounts", "Decision",
      "Risk", "Execution",
      "Simulation", "Journal", "Stacks",
    ], testing: ["Compute", "Registry", "StackFixtures", "TestSupport"])
  + library(
    "Serving", "Service",
    [
      "Diagnostics", "Chronology", "Files", "Market", "Feeds", "Orders", "Accounts", "Decision", "Risk",
      "Simulation",
      "Journal", "Artifacts", "Stacks", "Sessions", "Monitoring",
    ])

let workflow: [Target] =
  library(
    "Workflow", "Training",
    [
      "Diagnostics", "Files", "Compute", "Tensors", "BLAS", "Trees", "Boosting", "Explanations",
      "ForestFormats", "Optimizers", "Preprocessing", "Layers", "Networks", "NetworkFormats", "Fitting",
      "NetworkModels", "NetworkExplanations", "RowModels", "EventFiles", "Datasets", "Artifacts",
      "Checkpoints", "Registry", "Evaluation",
    ], testing: ["Settings", "TestSupport", "TrainingProbe"])
  + library(
    "Workflow", "Pipelines",
    [
      "Diagnostics", "Chronology", "Files", "Compute", "HDF5", "Trees", "Boosting", "Market", "Features",
      "RowModels", "Labels", "Feeds", "Datasets", "Calibration", "Evaluation", "Backtest", "Decision",
      "Reporting",
      "Artifacts", "Checkpoints", "Registry", "Training",
    ], testing: ["DecisionFixtures", "Orders", "Settings", "Stacks", "TestSupport"])
  + library(
    "Workflow", "SessionBacktests",
    [
      "Diagnostics", "Chronology", "Files", "Market", "Feeds", "Orders", "Accounts", "Decision", "Risk",
      "Simulation", "Backtest", "Sessions", "Service",
    ], testing: ["Compute"])

let commands: [Target] = [
  program(
    "tern",
    [
      "Diagnostics", "Chronology", "Files", "Compute", "HDF5", "Market", "Features", "Labels", "Feeds",
      "Datasets", "Backtest", "Reporting", "Boosting", "Artifacts", "Registry", "Settings", "ForestFormats",
      "Training", "Pipelines",
      "Service", "SessionBacktests", "CommandFrame", argumentParser,
    ]),
  .testTarget(
    name: "TernTests", dependencies: ["tern", "Files", "TestSupport"], path: "Tests/TernTests",
    swiftSettings: vectorised),
  // It runs the linked program; a dependency on it would hand the static runtime to the tests.
  .testTarget(
    name: "TernServeTests",
    dependencies: ["Monitoring", "Files", "Registry", "StackFixtures", "TestSupport"],
    path: "Tests/TernServeTests",
    swiftSettings: vectorised),
  program(
    "tern-serve",
    [
      "Diagnostics", "Chronology", "Threads", "Files", "Feeds", "CommandFrame", "Settings", "Journal",
      "Sessions", "Service", "Monitoring", argumentParser,
    ], linker: slim),
  program(
    "tern-bench",
    [
      "Diagnostics", "Compute", "Trees", "Boosting", "Explanations", "Market", "Features", "Tensors", "BLAS",
      "Layers", "Autograd", "Networks", "NetworkFormats", "Optimizers",
    ]),
]

/// What tests share, and programs that they run as processes of their own.
let support: [Target] = [
  // Replaces the allocation functions of the program that links it; no test target may depend on it.
  .target(name: "AllocationCounter", path: "Tests/Support/AllocationCounter"),
  .target(
    name: "DecisionFixtures",
    dependencies: [
      "Diagnostics", "Compute", "Trees", "Market", "Features", "Feeds", "Calibration", "Decision",
    ],
    path: "Tests/Support/DecisionFixtures"),
  .target(
    name: "StackFixtures",
    dependencies: [
      "Diagnostics", "Files", "Compute", "Trees", "Market", "Features", "Calibration", "Artifacts",
      "Registry",
      "DecisionFixtures",
    ],
    path: "Tests/Support/StackFixtures"),
  program(
    "DecisionMeter",
    [
      "Diagnostics", "Market", "Features", "Trees", "Orders", "Accounts", "Decision", "DecisionFixtures",
      "AllocationCounter",
    ],
    path: "Tests/Support/DecisionMeter"),
  program(
    "BoostingMeter", ["Diagnostics", "Compute", "Trees", "Boosting", "AllocationCounter"],
    path: "Tests/Support/BoostingMeter"),
  .target(
    name: "MarketFixtures", dependencies: ["Compression", "Market", "Feeds"],
    path: "Tests/Support/MarketFixtures"),
  .target(name: "TestSupport", path: "Tests/Support/TestSupport"),
  // A process that tests can kill at any moment.
  program(
    "TrainingProbe",
    ["Diagnostics", "Fitting", "NetworkModels", "Networks", "Optimizers", "Training"],
    path: "Tests/Support/TrainingProbe"),
  program("JournalProbe", ["Diagnostics", "Files", "Journal"], path: "Tests/Support/JournalProbe"),
  program(
    "JournalMeter", ["Diagnostics", "Files", "Market", "Journal", "AllocationCounter"],
    path: "Tests/Support/JournalMeter"),
  program(
    "SessionMeter",
    [
      "Diagnostics", "Files", "Market", "Feeds", "Orders", "Decision", "Registry", "Service", "Sessions",
      "Simulation", "StackFixtures", "AllocationCounter",
    ],
    path: "Tests/Support/SessionMeter"),
  program(
    "NetworkMeter", ["Diagnostics", "Compute", "Tensors", "Layers", "Networks", "AllocationCounter"],
    path: "Tests/Support/NetworkMeter"),
  program(
    "StackMeter", ["Diagnostics", "Files", "Market", "Orders", "Stacks"], path: "Tests/Support/StackMeter"),
]

let package = Package(
  name: "tern",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: base + numerics + learning + market + trading + storage + serving + workflow + commands + support
)
