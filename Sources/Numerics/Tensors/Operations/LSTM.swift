extension Workspace {
  /// What a layer of long short-term memory leaves: hidden and cell states (time, batch, hidden) and the four gates
  /// (time, batch, 4·hidden) after their functions, input, forget, cell, output.
  public struct LSTMStates {
    /// The hidden state after each step.
    public let hidden: Tensor
    /// The cell state after each step.
    public let cell: Tensor
    /// The gates of each step.
    public let gates: Tensor
  }

  /// The recurrence over time of the gates' parts from the inputs, projected (time, batch, 4·hidden) with all biases:
  ///
  ///     i, f, g, o = σ, σ, tanh, σ of projected + h·Wᵀ;  c ← f·c + i·g;  h ← o·tanh c
  public func lstm(
    _ projected: Tensor, recurrent: PackedMatrix, hidden: Tensor?, cell: Tensor?
  ) -> LSTMStates {
    let (time, batch, width) = (projected.shape[0], projected.shape[1], projected.shape[2] / 4)
    require(
      recurrent.columns == 4 * width && recurrent.depth == width,
      "lstm: the recurrent weight has another width")
    require(
      [hidden, cell].allSatisfy { $0.map { $0.shape == Shape(batch, width) } ?? true },
      "lstm: a state has another shape")
    let states = tensor(Shape(time, batch, width))
    let cells = tensor(Shape(time, batch, width))
    let gates = tensor(projected.shape)
    let (x, h, c, z) = (projected.pointer, states.pointer, cells.pointer, gates.pointer)
    let (firstH, firstC) = (hidden?.pointer, cell?.pointer)
    let panels = recurrent.storage.pointer
    // Rows of a batch are independent of each other: a lane takes some of them through all of time.
    rowBlocks(batch, 16) { first, count, _ in
      for step in 0..<time {
        let row = step * batch + first
        let gate = z + row * 4 * width
        gate.update(from: x + row * 4 * width, count: count * 4 * width)
        let before = step > 0 ? h + (row - batch) * width : firstH.map { $0 + first * width }
        if let before {
          BlockProduct.multiply(
            rows: count, columns: 4 * width, depth: width, a: before, aRow: width, aDepth: 1,
            aGroup: 8 * width,
            b: panels, bDepth: 32, panelStride: 32 * width, bias: nil, c: gate, cRow: 4 * width, adding: true)
        }
        let old = step > 0 ? c + (row - batch) * width : firstC.map { $0 + first * width }
        for item in 0..<count {
          LSTMKernel.forward(
            gate + item * 4 * width, old.map { $0 + item * width }, c + (row + item) * width,
            h + (row + item) * width, width)
        }
      }
    }
    return LSTMStates(hidden: states, cell: cells, gates: gates)
  }

  /// The gradients of the projected inputs and of the initial states from those of all hidden states (time, batch, hidden).
  public func lstmGradient(
    _ gradient: Tensor, _ states: LSTMStates, recurrent: Tensor, cell: Tensor?
  ) -> (projected: Tensor, hidden: Tensor, cell: Tensor) {
    let (time, batch, width) = (gradient.shape[0], gradient.shape[1], gradient.shape[2])
    let result = tensor(states.gates.shape)
    let (dHidden, dCell) = (filled(Shape(batch, width)), filled(Shape(batch, width)))
    let packed = storage(PackedMatrix.capacity(columns: width, depth: 4 * width))
    PackedMatrix.pack(
      recurrent.pointer, stride: width, columns: width, depth: 4 * width, into: packed.pointer)
    let panels = packed.pointer
    let (g, z, c, d) = (gradient.pointer, states.gates.pointer, states.cell.pointer, result.pointer)
    let (dh, dc, firstC) = (dHidden.pointer, dCell.pointer, cell?.pointer)
    rowBlocks(batch, 16) { first, count, _ in
      for step in stride(from: time - 1, through: 0, by: -1) {
        let row = step * batch + first
        let old = step > 0 ? c + (row - batch) * width : firstC.map { $0 + first * width }
        for item in 0..<count {
          LSTMKernel.backward(
            g + (row + item) * width, z + (row + item) * 4 * width, old.map { $0 + item * width },
            c + (row + item) * width, dh + (first + item) * width, dc + (first + item) * width,
            d + (row + item) * 4 * width, width)
        }
        BlockProduct.multiply(
          rows: count, columns: width, depth: 4 * width, a: d + row * 4 * width, aRow: 4 * width, aDepth: 1,
          aGroup: 32 * width, b: panels, bDepth: 32, panelStride: 128 * width, bias: nil,
          c: dh + first * width,
          cRow: width, adding: false)
      }
    }
    return (result, dHidden, dCell)
  }
}

private enum LSTMKernel {
  @inline(__always)
  static func forward(
    _ z: UnsafeMutablePointer<Float>, _ old: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>,
    _ h: UnsafeMutablePointer<Float>, _ width: Int
  ) {
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      let input = sigmoid(load(z + j, first: filled))
      let forget = sigmoid(load(z + width + j, first: filled))
      let content = hyperbolicTangent(load(z + 2 * width + j, first: filled))
      let output = sigmoid(load(z + 3 * width + j, first: filled))
      let before = old.map { load($0 + j, first: filled) } ?? .zero
      let cell = (input * content).addingProduct(forget, before)
      store(input, z + j, first: filled)
      store(forget, z + width + j, first: filled)
      store(content, z + 2 * width + j, first: filled)
      store(output, z + 3 * width + j, first: filled)
      store(cell, c + j, first: filled)
      store(output * hyperbolicTangent(cell), h + j, first: filled)
      j += 16
    }
  }

  /// `dh` comes from the later step and `dc` stays for the earlier one.
  @inline(__always)
  static func backward(
    _ g: UnsafePointer<Float>, _ z: UnsafePointer<Float>, _ old: UnsafePointer<Float>?,
    _ c: UnsafePointer<Float>,
    _ dh: UnsafePointer<Float>, _ dc: UnsafeMutablePointer<Float>, _ d: UnsafeMutablePointer<Float>,
    _ width: Int
  ) {
    var j = 0
    while j < width {
      let filled = min(16, width - j)
      let input = load(z + j, first: filled)
      let forget = load(z + width + j, first: filled)
      let content = load(z + 2 * width + j, first: filled)
      let output = load(z + 3 * width + j, first: filled)
      let before = old.map { load($0 + j, first: filled) } ?? .zero
      let tangent = hyperbolicTangent(load(c + j, first: filled))
      let slope = load(g + j, first: filled) + load(dh + j, first: filled)
      let cell = load(dc + j, first: filled).addingProduct(slope * output, 1 - tangent * tangent)
      store(cell * content * input * (1 - input), d + j, first: filled)
      store(cell * before * forget * (1 - forget), d + width + j, first: filled)
      store(cell * input * (1 - content * content), d + 2 * width + j, first: filled)
      store(slope * tangent * output * (1 - output), d + 3 * width + j, first: filled)
      store(cell * forget, dc + j, first: filled)
      j += 16
    }
  }
}
