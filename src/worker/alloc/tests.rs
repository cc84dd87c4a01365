use std::alloc::{GlobalAlloc, Layout};
use std::collections::HashSet;
use std::sync::mpsc;

use super::*;

#[test]
fn a_class_fits_its_sizes_and_no_smaller_class_does() {
    for size in 1..=LARGEST {
        let class = class_of(size);
        assert!(class < CLASSES);
        assert!(size_of_class(class) >= size, "{size}");
        assert_eq!(size_of_class(class) % ALIGN, 0);
        assert!(class == 0 || size_of_class(class - 1) < size, "{size}");
    }
}

#[test]
fn live_blocks_never_overlap() {
    let layout = Layout::from_size_align(48, 8).unwrap();
    let mut live = HashSet::new();
    for round in 0..5_000 {
        // SAFETY: the layout has a size, and each block is freed once, with its layout.
        unsafe {
            let block = ALLOCATOR.alloc(layout) as usize;
            assert_eq!(block % ALIGN, 0);
            assert!(live.insert(block), "given out twice");
            if round % 3 == 0 {
                let oldest = *live.iter().next().unwrap();
                live.remove(&oldest);
                ALLOCATOR.dealloc(oldest as *mut u8, layout);
            }
        }
    }
    let mut sorted: Vec<_> = live.iter().copied().collect();
    sorted.sort_unstable();
    assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 48));
    for block in sorted {
        // SAFETY: as above.
        unsafe { ALLOCATOR.dealloc(block as *mut u8, layout) };
    }
}

#[test]
fn memory_that_one_thread_allocates_and_another_frees_is_used_again() {
    let (send, receive) = mpsc::sync_channel::<Vec<Vec<u8>>>(4);
    let consumer = std::thread::spawn(move || {
        let mut bytes = 0;
        for batch in receive {
            for block in &batch {
                assert!(block.iter().all(|&byte| byte == block.len() as u8));
                bytes += block.len();
            }
        }
        bytes
    });
    let mut addresses = HashSet::new();
    for _ in 0..2_000 {
        let batch: Vec<Vec<u8>> = (1..=200).map(|len| vec![len as u8; len]).collect();
        addresses.extend(batch.iter().map(|block| block.as_ptr() as usize));
        send.send(batch).unwrap();
    }
    drop(send);
    assert_eq!(consumer.join().unwrap(), 2_000 * (1..=200).sum::<usize>());
    assert!(addresses.len() < 100_000, "{} blocks were needed for few live ones", addresses.len());
}

#[test]
fn growing_keeps_the_contents_across_classes_and_the_limit() {
    let mut grown = Vec::with_capacity(1);
    for index in 0..100_000_u32 {
        grown.push(index);
    }
    grown.shrink_to_fit();
    assert!(grown.iter().copied().eq(0..100_000));
    let zeroed = vec![0_u8; 20_000];
    assert!(zeroed.iter().all(|&byte| byte == 0));
}
