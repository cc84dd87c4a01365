//! The allocator of the threaded module: a cache of small blocks for each thread over std's.
//!
//! std's allocator for wasm takes one lock for every call, and threads that spin on it got slower the
//! more there were of them. Here each thread keeps two *batches* of free blocks for each size class
//! (the magazines of Bonwick and Adams, "Magazines and Vmem", 2001) and exchanges only whole batches
//! with a list that all threads share. A block may be freed by any thread: it goes into the batch of
//! the thread that frees it, and from there, a batch at a time, to whichever thread needs one.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(test)]
mod tests;

#[global_allocator]
static ALLOCATOR: ThreadCaching = ThreadCaching;

struct ThreadCaching;

/// Classes are 16, 32, 48, 64 bytes and from there four to each doubling.
const CLASSES: usize = 40;
const LARGEST: usize = 32 * 1024;
const ALIGN: usize = 16;

/// Bytes of blocks that move between a thread and the shared lists at a time.
const BATCH_BYTES: usize = 32 * 1024;

/// A free block. `next_batch` has a meaning only in the first block of a shared batch.
#[repr(C)]
struct Free {
    next: *mut Free,
    next_batch: *mut Free,
}

#[derive(Clone, Copy)]
struct Cache {
    /// Blocks are taken from here and put back here.
    blocks: *mut Free,
    count: usize,
    /// A full batch, so that a thread at the edge of one does not go to the shared list each time.
    spare: *mut Free,
}

const EMPTY: Cache = Cache { blocks: null_mut(), count: 0, spare: null_mut() };

thread_local! {
    static CACHES: UnsafeCell<[Cache; CLASSES]> = const { UnsafeCell::new([EMPTY; CLASSES]) };
}

/// No thread's caches lie below this address: it is the end of the first thread's stack.
const FIRST_PAGE_BYTES: usize = 64 * 1024;

/// The caches of this thread; `None` while the thread has no thread-local memory of its own yet.
/// wasm-bindgen allocates that very memory here, and until then all threads would find the same
/// caches at the bottom of the memory, or at its first byte, which is no place for a reference.
fn caches() -> Option<*mut [Cache; CLASSES]> {
    CACHES.try_with(UnsafeCell::get).ok().filter(|caches| caches.addr() >= FIRST_PAGE_BYTES)
}

/// Full batches that no thread holds. Locked for a few instructions only, therefore by spinning.
struct Shared {
    locked: AtomicBool,
    first: UnsafeCell<*mut Free>,
}

// SAFETY: `first` is only touched while `locked` is held.
unsafe impl Sync for Shared {}

static SHARED: [Shared; CLASSES] =
    [const { Shared { locked: AtomicBool::new(false), first: UnsafeCell::new(null_mut()) } }; CLASSES];

impl Shared {
    fn with<T>(&self, body: impl FnOnce(&mut *mut Free) -> T) -> T {
        while self.locked.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
            std::hint::spin_loop();
        }
        // SAFETY: the lock is held.
        let result = body(unsafe { &mut *self.first.get() });
        self.locked.store(false, Ordering::Release);
        result
    }
}

fn class_of(size: usize) -> usize {
    if size <= 64 {
        return (size.max(1) - 1) / 16;
    }
    let doubling = (size - 1).ilog2() as usize;
    4 * (doubling - 5) + (((size - 1) >> (doubling - 2)) & 3)
}

fn size_of_class(class: usize) -> usize {
    if class < 4 { (class + 1) * 16 } else { (5 + class % 4) << (class / 4 + 3) }
}

fn blocks_in_batch(class: usize) -> usize {
    (BATCH_BYTES / size_of_class(class)).clamp(1, 256)
}

fn is_cached(layout: Layout) -> bool {
    layout.size() <= LARGEST && layout.align() <= ALIGN
}

/// A full batch from the shared list, or cut from new memory; null when there is none.
fn take_batch(class: usize) -> *mut Free {
    let shared = SHARED[class].with(|first| {
        let batch = *first;
        if !batch.is_null() {
            // SAFETY: `batch` is the first block of a batch in the shared list.
            *first = unsafe { (*batch).next_batch };
        }
        batch
    });
    if !shared.is_null() {
        return shared;
    }
    let (size, count) = (size_of_class(class), blocks_in_batch(class));
    // SAFETY: size and alignment are not 0, and `count` blocks of `size` bytes lie in the new memory.
    unsafe {
        let memory = System.alloc(Layout::from_size_align_unchecked(size * count, ALIGN));
        if memory.is_null() {
            return null_mut();
        }
        let mut next = null_mut();
        for index in (0..count).rev() {
            let block: *mut Free = memory.add(index * size).cast();
            block.write(Free { next, next_batch: null_mut() });
            next = block;
        }
        next
    }
}

// SAFETY: a cached block has the size and alignment of its class, which are at least those of any
// layout of that class, and is in one thread's hands until it is freed. Whether a layout is cached
// depends on the layout alone, so a block returns to where it came from.
unsafe impl GlobalAlloc for ThreadCaching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_cached(layout) {
            // SAFETY: the caller's promise.
            return unsafe { System.alloc(layout) };
        }
        let class = class_of(layout.size());
        let Some(caches) = caches() else {
            // A block of the class all the same, because it may be freed into a cache.
            // SAFETY: size and alignment are not 0.
            return unsafe { System.alloc(Layout::from_size_align_unchecked(size_of_class(class), ALIGN)) };
        };
        // SAFETY: they are this thread's alone, and nothing below allocates by this allocator, so
        // there is no second borrow.
        let cache = unsafe { &mut (*caches)[class] };
        if cache.blocks.is_null() {
            cache.blocks = std::mem::replace(&mut cache.spare, null_mut());
            if cache.blocks.is_null() {
                cache.blocks = take_batch(class);
            }
            if cache.blocks.is_null() {
                return null_mut();
            }
            cache.count = blocks_in_batch(class);
        }
        let block = cache.blocks;
        // SAFETY: `block` is a free block of this thread.
        cache.blocks = unsafe { (*block).next };
        cache.count -= 1;
        block.cast()
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if !is_cached(layout) {
            // SAFETY: the caller's promise.
            return unsafe { System.dealloc(pointer, layout) };
        }
        let class = class_of(layout.size());
        // Without caches nothing can be freed, and no thread frees before it has them.
        let Some(caches) = caches() else { return };
        // SAFETY: as in `alloc`.
        let cache = unsafe { &mut (*caches)[class] };
        if cache.count == blocks_in_batch(class) {
            let full = std::mem::replace(&mut cache.blocks, null_mut());
            cache.count = 0;
            let older = std::mem::replace(&mut cache.spare, full);
            if !older.is_null() {
                SHARED[class].with(|first| {
                    // SAFETY: `older` is the first block of a batch that is this thread's.
                    unsafe { (*older).next_batch = *first };
                    *first = older;
                });
            }
        }
        let block: *mut Free = pointer.cast();
        // SAFETY: the block has at least 16 bytes and belongs to nobody else now.
        unsafe { block.write(Free { next: cache.blocks, next_batch: null_mut() }) };
        cache.blocks = block;
        cache.count += 1;
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `new_size`, rounded up to the alignment, is in range.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        match (is_cached(layout), is_cached(new_layout)) {
            // SAFETY: the caller's promise; neither layout is cached.
            (false, false) => unsafe { System.realloc(pointer, layout, new_size) },
            (true, true) if class_of(layout.size()) == class_of(new_size) => pointer,
            // SAFETY: the caller's promise; the blocks do not overlap.
            _ => unsafe {
                let moved = self.alloc(new_layout);
                if !moved.is_null() {
                    pointer.copy_to_nonoverlapping(moved, layout.size().min(new_size));
                    self.dealloc(pointer, layout);
                }
                moved
            },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !is_cached(layout) {
            // SAFETY: the caller's promise.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: the caller's promise; a block that is not null has `layout.size()` bytes.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }
}
