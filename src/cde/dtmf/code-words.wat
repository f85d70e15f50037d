;; G.711 sixteen code words at a time, from place 11264 of the tone kernel's memory to 2048, where samples come to it.
(module
  (import "kernel" "memory" (memory 1))

  ;; A size and its sign, a mask of those that are negative.
  (func $signed (param $size v128) (param $negative v128) (result v128)
    (i16x8.sub (v128.xor (local.get $size) (local.get $negative)) (local.get $negative)))

  ;; Decodes `count` code words of G.711, a multiple of 16: µ-law, all bits inverted (ITU-T G.711 table 2).
  (func (export "ulaw") (param $count i32)
    (local $at i32) (local $code v128) (local $sign v128) (local $segment v128) (local $step v128) (local $factor v128)
    (loop $sixteen
      (local.set $code (v128.not (v128.load offset=11264 (local.get $at))))
      (local.set $sign (i8x16.shr_s (local.get $code) (i32.const 7)))
      (local.set $segment (v128.and (i8x16.shr_u (local.get $code) (i32.const 4)) (i8x16.splat (i32.const 7))))
      (local.set $step (v128.and (local.get $code) (i8x16.splat (i32.const 15))))
      (local.set $factor
        (i8x16.swizzle (v128.const i8x16 1 2 4 8 16 32 64 128 0 0 0 0 0 0 0 0) (local.get $segment)))
      (v128.store offset=2048 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.sub
            (i16x8.mul
              (i16x8.add
                (i16x8.shl (i16x8.extend_low_i8x16_u (local.get $step)) (i32.const 3))
                (i16x8.splat (i32.const 132)))
              (i16x8.extend_low_i8x16_u (local.get $factor)))
            (i16x8.splat (i32.const 132)))
          (i16x8.extend_low_i8x16_s (local.get $sign))))
      (v128.store offset=2064 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.sub
            (i16x8.mul
              (i16x8.add
                (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $step)) (i32.const 3))
                (i16x8.splat (i32.const 132)))
              (i16x8.extend_high_i8x16_u (local.get $factor)))
            (i16x8.splat (i32.const 132)))
          (i16x8.extend_high_i8x16_s (local.get $sign))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $sixteen (i32.lt_u (local.get $at) (local.get $count)))))

  ;; Decodes `count` code words of G.711, a multiple of 16: A-law, every other bit inverted (ITU-T G.711 table 1).
  (func (export "alaw") (param $count i32)
    (local $at i32) (local $code v128) (local $sign v128) (local $segment v128) (local $step v128) (local $factor v128)
    (loop $sixteen
      (local.set $code (v128.xor (v128.load offset=11264 (local.get $at)) (i8x16.splat (i32.const 0x55))))
      (local.set $sign (v128.not (i8x16.shr_s (local.get $code) (i32.const 7))))
      (local.set $segment (v128.and (i8x16.shr_u (local.get $code) (i32.const 4)) (i8x16.splat (i32.const 7))))
      (local.set $step (v128.and (local.get $code) (i8x16.splat (i32.const 15))))
      (local.set $factor
        (i8x16.swizzle (v128.const i8x16 1 1 2 4 8 16 32 64 0 0 0 0 0 0 0 0) (local.get $segment)))
      (v128.store offset=2048 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.mul
            (i16x8.add
              (i16x8.add
                (i16x8.shl (i16x8.extend_low_i8x16_u (local.get $step)) (i32.const 4))
                (i16x8.splat (i32.const 8)))
              (v128.and
                (i16x8.extend_low_i8x16_s (i8x16.ne (local.get $segment) (v128.const i64x2 0 0)))
                (i16x8.splat (i32.const 256))))
            (i16x8.extend_low_i8x16_u (local.get $factor)))
          (i16x8.extend_low_i8x16_s (local.get $sign))))
      (v128.store offset=2064 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.mul
            (i16x8.add
              (i16x8.add
                (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $step)) (i32.const 4))
                (i16x8.splat (i32.const 8)))
              (v128.and
                (i16x8.extend_high_i8x16_s (i8x16.ne (local.get $segment) (v128.const i64x2 0 0)))
                (i16x8.splat (i32.const 256))))
            (i16x8.extend_high_i8x16_u (local.get $factor)))
          (i16x8.extend_high_i8x16_s (local.get $sign))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $sixteen (i32.lt_u (local.get $at) (local.get $count))))))
