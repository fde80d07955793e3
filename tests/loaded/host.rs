//! A program that does not use joblib and loads a library that does.

use std::ffi::{CString, c_char, c_int, c_void};

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

fn main() {
    println!("main begins");
    let mut arguments = std::env::args().skip(1);
    let path = CString::new(arguments.next().unwrap()).unwrap();
    let flags = arguments.next().unwrap().parse().unwrap();
    unsafe {
        let library = dlopen(path.as_ptr(), flags);
        let call = dlsym(library, c"call".as_ptr());
        let call: extern "C" fn() = std::mem::transmute(call);
        call();
    }
}
